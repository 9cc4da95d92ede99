/** What a message tells of its reactions, as one person sees it. Pure; `reactions.js` draws it. */

import { listed } from "../base/filled.js";
import { ngettext } from "../base/gettext.js";

/** @import { Tally } from "../base/types.js" */

/** Names that are told; the others are a number. */
const NAMED = 10;

/**
 * The tallies with one person's wish laid over them, which the server has not answered yet.
 * @param {readonly Tally[]} tallies @param {string} emoji @param {boolean} on @param {number} userId
 * @returns {Tally[]}
 */
export function withWish(tallies, emoji, on, userId) {
  const known = tallies.find((one) => one.emoji === emoji) ?? { emoji, count: 0, user_ids: [] };
  if (known.user_ids.includes(userId) === on) return [...tallies];
  const user_ids = on ? [...known.user_ids, userId] : known.user_ids.filter((id) => id !== userId);
  const wished = { emoji, count: known.count + (on ? 1 : -1), user_ids };
  const next = known.count > 0 ? tallies.map((one) => one === known ? wished : one) : [...tallies, wished];
  return next.filter(({ count }) => count > 0);
}

/**
 * Who reacted, as a sentence has it: "You, Ann and 3 more".
 * @param {Tally} tally @param {(userId: number) => string | undefined} nameOf
 */
export function who({ count, user_ids }, nameOf) {
  const names = user_ids.map(nameOf).filter((name) => name !== undefined).slice(0, NAMED);
  const more = count - names.length;
  if (names.length === 0) return ngettext("%(num)s person", "%(num)s people", more);
  if (more > 0) names.push(ngettext("%(num)s more", "%(num)s more", more));
  return listed(names).join("");
}
