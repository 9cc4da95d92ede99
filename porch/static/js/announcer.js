/**
 * Reads new messages aloud to whoever listens to the page: author, then text, then time. The log itself is silent,
 * so that history and redrawing are never read out; bursts come as one sentence.
 */

import { element } from "./dom.js";

/** @import { Clock } from "./time.js" */
/** @import { Me, Message } from "./types.js" */

const GATHER = 600;
/** More than this at once is a burst. */
const BURST = 3;
/** Texts are cut here; the log has the rest. */
const LENGTH = 300;

export class Announcer {
  /** @param {HTMLElement} region @param {Clock} clock @param {Me} me */
  constructor(region, clock, me) {
    this.region = region;
    this.clock = clock;
    this.me = me;
    /** @type {Message[]} */
    this.waiting = [];
  }

  /** @param {Message[]} fresh */
  add(fresh) {
    const others = fresh.filter((message) => message.user_id !== this.me.user_id);
    if (others.length === 0) return;
    if (this.waiting.length === 0) setTimeout(() => this.speak(), GATHER);
    this.waiting.push(...others);
  }

  speak() {
    const messages = this.waiting;
    this.waiting = [];
    const spoken = messages.length > BURST ? messages.slice(-1) : messages;
    const lines = spoken.map((message) => element("p", {}, this.sentence(message)));
    if (messages.length > BURST) lines.unshift(element("p", {}, `${messages.length} new messages. The last:`));
    this.region.replaceChildren(...lines);
  }

  /** @param {Message} message */
  sentence({ username, content, timestamp }) {
    const text = content.length > LENGTH ? `${content.slice(0, LENGTH)} …` : content;
    return `${username}: ${text}. ${this.clock.time(Date.parse(timestamp))}`;
  }
}
