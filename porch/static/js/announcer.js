/**
 * Says new messages to whoever listens to the page: author, then text, then time. The log itself is silent, so that
 * history and redrawing are never read out; what comes in a burst is said at once, with a pause after it.
 */

/** @import { Clock } from "./time.js" */
/** @import { Me, Message } from "./types.js" */

/** Messages this close together are said together. */
const GATHER = 600;
/** How long to be silent after speaking: a reader that is interrupted all the time says nothing. */
const PAUSE = 3000;
/** More than this at once is a burst. */
const BURST = 3;
/** Texts are cut here; the log has the rest. */
const LENGTH = 300;

export class Announcer {
  /** @param {(lines: string[]) => void} say @param {Clock} clock @param {Me} me */
  constructor(say, clock, me) {
    this.say = say;
    this.clock = clock;
    this.me = me;
    /** @type {Message[]} */
    this.waiting = [];
    this.quietUntil = 0;
  }

  /** @param {Message[]} fresh */
  add(fresh) {
    const others = fresh.filter((message) => message.user_id !== this.me.user_id);
    if (others.length === 0) return;
    if (this.waiting.length === 0) setTimeout(() => this.speak(), Math.max(GATHER, this.quietUntil - Date.now()));
    this.waiting.push(...others);
  }

  speak() {
    const messages = this.waiting;
    this.waiting = [];
    this.quietUntil = Date.now() + PAUSE;
    const lines = messages.slice(messages.length > BURST ? -1 : 0).map((message) => this.sentence(message));
    if (messages.length > BURST) lines.unshift(`${messages.length} new messages. The last:`);
    this.say(lines);
  }

  /** @param {Message} message */
  sentence({ username, content, timestamp }) {
    const text = content.length > LENGTH ? `${content.slice(0, LENGTH)} …` : content;
    return `${username}: ${text}${/[.!?…]$/u.test(text) ? "" : "."} ${this.clock.time(Date.parse(timestamp))}`;
  }
}
