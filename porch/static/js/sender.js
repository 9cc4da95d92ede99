/** Empties the outbox, one message after another, and keeps trying. */

import { ApiError } from "./api.js";

/** @import { Outbox, Entry } from "./outbox.js" */
/** @import { Message } from "./types.js" */

export class Sender {
  /**
   * @param {Outbox} outbox
   * @param {{send: (entry: Entry) => Promise<Message>, onSent: (message: Message) => void, onRefused: (problem: string) => void, onChange: () => void}} line
   */
  constructor(outbox, line) {
    this.outbox = outbox;
    this.line = line;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Sends what may be sent now, and comes back by itself for the rest. */
  go() {
    clearTimeout(this.timer);
    const entry = this.outbox.take(Date.now());
    if (entry) void this.send(entry).finally(() => this.go());
    else if (this.outbox.wakeAt !== null) this.timer = setTimeout(() => this.go(), Math.max(0, this.outbox.wakeAt - Date.now()) + 5);
    this.line.onChange();
  }

  /** The line is back. */
  hurry() {
    this.outbox.hurry();
    this.go();
  }

  /** @param {Entry} entry */
  async send(entry) {
    try {
      const message = await this.line.send(entry);
      this.outbox.sent(entry.clientId, message);
      this.line.onSent(message);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.passing) this.outbox.postponed(entry.clientId, { now: Date.now(), retryAfter: error.retryAfter });
      else {
        const problem = error.fields.content ?? error.message;
        this.outbox.refused(entry.clientId, problem);
        this.line.onRefused(problem);
      }
    }
  }
}
