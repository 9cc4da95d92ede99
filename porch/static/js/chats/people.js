/** Who is in the room, and who of them is writing. Pure: time comes in as an argument; `people_view.js` shows it. */

import { filled, listed } from "../base/filled.js";
import { gettext, ngettext } from "../base/gettext.js";

/** @import { Me, Present, Somebody } from "../base/types.js" */

/** @typedef {(string | {name: string})[]} Sentence names apart, as each is isolated from the text around it */

/** How long after the last sign of it somebody counts as writing, in milliseconds. */
const WRITING = 6000;
/** More names than this become a number. */
const NAMED = 3;

export class People {
  /** @param {Me} me @param {boolean} [two] whether this is a chat of two, in which one asks for the other */
  constructor(me, two = false) {
    this.me = me;
    this.two = two;
    /** @type {Present | null} null until the server has said */
    this.present = null;
    /** @type {Map<number, {username: string, until: number}>} by user */
    this.writing = new Map();
  }

  /** @param {Present} present @param {number} now */
  take(present, now) {
    this.present = present;
    // Who writes is said where it is asked for; an event about who is there says nothing of it.
    if (!present.typing) return;
    this.writing.clear();
    for (const somebody of present.typing) this.hear(somebody, now);
  }

  /** Somebody is writing. @param {Somebody} somebody @param {number} now */
  hear({ user_id, username }, now) {
    if (user_id !== this.me.user_id) this.writing.set(user_id, { username, until: now + WRITING });
  }

  /** Somebody has said what they were writing. @param {number} userId */
  said(userId) {
    this.writing.delete(userId);
  }

  /** Milliseconds until somebody no longer counts as writing; null when nobody does. @param {number} now */
  quietIn(now) {
    const ends = Array.from(this.writing.values(), ({ until }) => until - now);
    return ends.length > 0 ? Math.min(...ends) : null;
  }

  /** @param {number} now @returns {Sentence} empty when nobody is writing */
  writingNow(now) {
    for (const [id, { until }] of this.writing) if (until <= now) this.writing.delete(id);
    const names = Array.from(this.writing.values(), ({ username }) => username);
    if (names.length === 0) return [];
    return filled(ngettext("%(names)s is writing…", "%(names)s are writing…", names.length), { names: listed(named(names, names.length)) });
  }

  /** Whether the light is on: somebody is here, which in a chat of two is the other. */
  get lit() {
    return !this.two || (this.present?.present.some(({ user_id }) => user_id !== this.me.user_id) ?? false);
  }

  /** @returns {Sentence} */
  hereNow() {
    if (!this.present) return [];
    const { present, count } = this.present;
    const others = present.filter(({ user_id }) => user_id !== this.me.user_id);
    // One's own place in a list that is cut off is not known; this page is open, so there is one.
    const total = count - (others.length < present.length || present.length < count ? 1 : 0);
    if (total <= 0) return [this.two ? gettext("Not here") : gettext("Only you are here")];
    const names = named(others.map(({ username }) => username), total);
    return filled(ngettext("%(names)s is here", "%(names)s are here", total), { names: listed(names) });
  }
}

/**
 * Ada, Bo, "3 others".
 * @param {string[]} names @param {number} total how many there are, of whom some may have no name here
 * @returns {Sentence}
 */
function named(names, total) {
  const shown = total > NAMED ? names.slice(0, NAMED - 1) : names;
  const rest = total - shown.length;
  return [...shown.map((name) => ({ name })), ...(rest > 0 ? [ngettext("%(num)s other", "%(num)s others", rest)] : [])];
}
