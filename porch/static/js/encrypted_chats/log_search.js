/** One search through an encrypted log: newest first, in stretches that end, each of which goes on where the last one did. */

import { marksOf } from "./search_words.js";

/** @import { Opened, OpenedLog } from "./opened_log.js" */
/** @import { Mark, Sought } from "./search_words.js" */

/** @typedef {{message: Opened, marks: Mark[]}} Hit */

/** Messages of one stretch: a telephone opens them in the time that somebody waits, and keeps them in some megabytes of memory. */
export const MOST_MESSAGES = 20_000;
/** Hits of one stretch. */
export const MOST_HITS = 50;

export class LogSearch {
  /** @param {OpenedLog} log @param {Sought} sought */
  constructor(log, sought) {
    this.log = log;
    this.sought = sought;
    /** All from this place on have been looked through. */
    this.bottom = Number.MAX_SAFE_INTEGER;
    /** How many that were. */
    this.looked = 0;
    /** How many of them nobody can open here. */
    this.unopened = 0;
    /** Whether it has come to the beginning of the log, or looks for nothing. */
    this.isOver = sought.phrases.length === 0;
    this.isStopped = false;
  }

  /**
   * Looks further back, as far as one stretch goes. Raises what the log raises, and may be called again then.
   * @param {(hits: Hit[]) => void} tell called after each page with what it had
   */
  async go(tell) {
    this.isStopped = false;
    if (this.isOver) return;
    if (this.looked === 0) await this.log.refresh();
    const end = this.looked + MOST_MESSAGES;
    for (let found = 0; found < MOST_HITS && this.looked < end && !this.isStopped;) {
      const messages = await this.log.before(this.bottom);
      // Who has stopped it does not want to see anything move.
      if (this.isStopped) return;
      if (messages.length === 0) {
        this.isOver = true;
        return;
      }
      const hits = this.take(messages, MOST_HITS - found);
      found += hits.length;
      tell(hits);
    }
  }

  stop() {
    this.isStopped = true;
  }

  /** @param {Opened[]} messages @param {number} most @returns {Hit[]} */
  take(messages, most) {
    /** @type {Hit[]} */
    const hits = [];
    for (const message of messages) {
      if (hits.length === most) break;
      this.bottom = message.seq;
      this.looked += 1;
      if (message.unopened) {
        this.unopened += 1;
        continue;
      }
      const marks = marksOf(this.sought, message.content);
      if (marks) hits.push({ message, marks });
    }
    return hits;
  }
}
