/** Which emoji of the picker answer to a word. Pure. */

import { oneEmoji } from "./emoji.js";
import { GROUPS } from "./emoji_list.js";
import { gettext } from "../base/gettext.js";

/** @typedef {{emoji: string, name: string}} Named */
/** @typedef {{name: string, emoji: Named[]}} Group */

/** @type {readonly Group[]} */
const ALL = GROUPS.map(([name, list]) => ({
  name,
  emoji: list.split("|").map((one) => ({ emoji: one.slice(0, one.indexOf(" ")), name: one.slice(one.indexOf(" ") + 1) })),
}));

/**
 * Those in whose names, or in that of their group, all of these words begin a word; an emoji itself, too, whether or not it is in the list.
 * @param {string} text @returns {Group[]} without empty ones
 */
export function found(text) {
  const typed = oneEmoji(text);
  if (typed !== null) return [{ name: gettext("This one"), emoji: [{ emoji: typed, name: ALL.flatMap(({ emoji }) => emoji).find(({ emoji }) => emoji === typed)?.name ?? gettext("from your keyboard") }] }];
  const wanted = words(text);
  return ALL.map(({ name, emoji }) => ({
    name,
    emoji: emoji.filter((one) => {
      const known = words(`${one.name} ${name}`);
      return wanted.every((word) => known.some((other) => other.startsWith(word)));
    }),
  })).filter(({ emoji }) => emoji.length > 0);
}

/** @param {string} text */
function words(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
