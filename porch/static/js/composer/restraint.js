/** What the composer says to somebody who may not write as they like. `pages/restraint.py` says the same; keep the two alike. */

import { gettext } from "../base/gettext.js";

/** @import { Chat } from "../base/types.js" */

/** Whoever is muted until then is muted until somebody lifts it. */
const FOREVER = Date.parse("9000-01-01T00:00:00Z");
/** @type {Record<number, string>} */
const SLOW = {
  10: gettext("Slow mode: one message every 10 seconds."),
  30: gettext("Slow mode: one message every 30 seconds."),
  60: gettext("Slow mode: one message every minute."),
  300: gettext("Slow mode: one message every 5 minutes."),
};

/**
 * @typedef {object} Restraint
 * @property {string} words empty for none
 * @property {boolean} shut whether nothing can be written
 * @property {number} ends when it is over by itself, in milliseconds since 1970; 0: it does not
 */

/**
 * @param {Chat} chat @param {number} now milliseconds since 1970 @param {(at: number) => string} said a moment in words
 * @returns {Restraint}
 */
export function restraint({ closed, slow_mode, may_moderate, muted_until }, now, said) {
  const until = muted_until ? Date.parse(muted_until) : 0;
  if (until > FOREVER) return { words: gettext("You are muted until a moderator lifts it: you can read, and not write."), shut: true, ends: 0 };
  if (until > now) return { words: gettext("You are muted until %(when)s: you can read, and not write.", { when: said(until) }), shut: true, ends: until };
  if (may_moderate) return { words: "", shut: false, ends: 0 };
  if (closed) return { words: gettext("This room is closed: you can read, and not write."), shut: true, ends: 0 };
  if (slow_mode) return { words: SLOW[slow_mode], shut: false, ends: 0 };
  return { words: "", shut: false, ends: 0 };
}
