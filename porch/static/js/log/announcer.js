/**
 * Says what is new to whoever listens to the page. Nothing else on the page is read out by itself, so history and
 * redrawing never are; what comes in a burst is said at once, with a pause after it.
 */

import { shownName } from "../base/shown_name.js";
import { gist } from "../messages/gist.js";

/** @import { Clock } from "../base/time.js" */
/** @import { Message } from "../base/types.js" */

/** What comes this close together is said together. */
const GATHER = 600;
/** How long to be silent after speaking: a reader that is interrupted all the time says nothing. */
const PAUSE = 3000;
/** More than this at once is a burst. */
const BURST = 3;
/** Texts are cut here; the page has the rest. */
const LENGTH = 300;

/** @template T */
export class Announcer {
  /**
   * @param {(lines: string[]) => void} say
   * @param {{sentence: (item: T) => string, burst: (num: number) => string, pause?: number}} words what to say of one, and before the last of many
   */
  constructor(say, { sentence, burst, pause = PAUSE }) {
    this.say = say;
    this.sentence = sentence;
    this.burst = burst;
    this.pause = pause;
    /** @type {T[]} */
    this.waiting = [];
    this.quietUntil = 0;
  }

  /** @param {T[]} fresh */
  add(fresh) {
    if (fresh.length === 0) return;
    if (this.waiting.length === 0) setTimeout(() => this.speak(), Math.max(GATHER, this.quietUntil - Date.now()));
    this.waiting.push(...fresh);
  }

  speak() {
    const items = this.waiting;
    this.waiting = [];
    this.quietUntil = Date.now() + this.pause;
    const lines = items.slice(items.length > BURST ? -1 : 0).map(this.sentence);
    if (items.length > BURST) lines.unshift(this.burst(items.length));
    this.say(lines);
  }
}

/**
 * A message as it is read: author, then text, then time.
 * @param {Message} message @param {Clock} clock
 */
export function spoken(message, clock) {
  const { username, timestamp } = message;
  const content = gist(message);
  const text = content.length > LENGTH ? `${content.slice(0, LENGTH)} …` : content;
  return `${shownName(username)}: ${text}${/[.!?…]$/u.test(text) ? "" : "."} ${clock.time(Date.parse(timestamp))}`;
}
