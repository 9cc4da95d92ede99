/**
 * What a direct chat's page says above its log, and which answers it offers. Pure: `direct.js` shows it, and
 * `direct/show.html` says the same.
 */

import { filled } from "../base/filled.js";
import { gettext } from "../base/gettext.js";
import { shownName } from "../base/shown_name.js";

/** @import { Chat } from "../base/types.js" */
/** @import { Sentence } from "./people.js" */

/** @typedef {{value: "open" | "ignored" | "block" | "unblock", words: string}} Choice one of the answers */
/** @typedef {Pick<Chat, "name" | "with" | "state" | "blocked" | "may_write">} Side a direct chat as one of the two sees it */

/** @type {Record<"accept" | "takeUp" | "ignore" | "block" | "unblock", Choice>} */
const CHOICES = {
  accept: { value: "open", words: gettext("Accept") },
  takeUp: { value: "open", words: gettext("Take it up") },
  ignore: { value: "ignored", words: gettext("Ignore") },
  block: { value: "block", words: gettext("Block") },
  unblock: { value: "unblock", words: gettext("Unblock") },
};

/** @param {Side} chat @returns {{words: Sentence, choices: Choice[]} | null} null when there is nothing to say */
export function noticeOf({ name, with: other, state, blocked, may_write }) {
  /** @param {string} text @returns {Sentence} */
  const about = (text) => filled(text, { name: { name: shownName(name) } });
  if (blocked) return { words: about(gettext("You have blocked %(name)s. Nothing they write here reaches you.")), choices: [CHOICES.unblock] };
  if (!other?.username) {
    const words = other?.passed_on
      ? gettext("%(name)s has left. Whoever is called so now is somebody else. What was said stays here.")
      : gettext("%(name)s has left. What was said stays here.");
    return { words: about(words), choices: [] };
  }
  if (state === "asked") {
    const words = other.guest ? gettext("%(name)s, a guest, would like to talk with you.") : gettext("%(name)s would like to talk with you.");
    return { words: about(words), choices: [CHOICES.accept, CHOICES.ignore, CHOICES.block] };
  }
  if (state === "ignored") return { words: about(gettext("You ignore %(name)s here, and are not told what they write.")), choices: [CHOICES.takeUp] };
  return may_write ? null : { words: about(gettext("%(name)s is not taking messages.")), choices: [] };
}

/** What the panel offers at any time. @param {Side} chat */
export function choicesOf({ state, blocked }) {
  if (blocked) return [CHOICES.unblock];
  return state === "open" ? [CHOICES.ignore, CHOICES.block] : [CHOICES.block];
}

/** Whether the page has to be told anew: the row is another than what it knows. @param {Side} known @param {Side} row */
export function differs(known, row) {
  return known.name !== row.name || known.state !== row.state || known.blocked !== row.blocked
    || known.with?.username !== row.with?.username || known.with?.passed_on !== row.with?.passed_on
    // Rows that are pushed do not say it.
    || (row.may_write !== undefined && known.may_write !== row.may_write);
}
