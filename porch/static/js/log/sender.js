/** Empties the outbox, one message after another, and keeps trying. Of several tabs in a room one does, for all of them. */

import { ApiError } from "../base/api.js";
import { uuid } from "../base/ids.js";

/** @import { Outbox, Entry } from "./outbox.js" */
/** @import { OutboxStore } from "./outbox_store.js" */
/** @import { Message } from "../base/types.js" */

/** @typedef {Pick<OutboxStore, "add" | "turn" | "release" | "remove" | "refuse">} Store */

/**
 * @typedef {{what: "changed" | "added" | "retry" | "sent" | "left", id?: string, rev?: number, content?: string}} Word what tabs tell each other;
 *   "left": the person has logged out
 */

/**
 * @typedef {object} Line
 * @property {(entry: Entry) => Promise<Message>} send
 * @property {(message: Message) => void} onSent
 * @property {(problem: string) => void} onRefused
 * @property {() => void} onChange
 * @property {(word: Word) => void} [tell] the other tabs of this room
 */

/** Milliseconds between two words of a tab that it is still there; well below the lease. */
const RENEW = 2000;

export class Sender {
  /**
   * @param {Outbox} outbox
   * @param {Line} line
   * @param {Promise<Store | null>} [opening] null or rejected where nothing can be kept
   */
  constructor(outbox, line, opening = Promise.resolve(null)) {
    this.outbox = outbox;
    this.line = line;
    this.tab = uuid();
    /** @type {Store | null} */
    this.store = null;
    /** Whether what is written now outlives this page, as far as is known. */
    this.keeps = true;
    this.ready = opening.catch(() => null).then((store) => {
      this.store = store;
      this.keeps = store !== null;
    });
    /** Whether sending would come to nothing: the person is not logged in here any more. */
    this.paused = false;
    /** Whether this is the tab that sends, and how long it may without asking again, in milliseconds. */
    this.mine = false;
    /** @type {number | null} */
    this.until = null;
    this.running = false;
    this.again = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {string} clientId @param {string} content @param {import("../base/types.js").More} [more]
   * @returns {Promise<number | null>} null where it could not be kept
   */
  async add(clientId, content, more = {}) {
    const at = Date.now();
    this.outbox.add(clientId, content, at, more);
    this.line.onChange();
    await this.ready;
    const order = await this.stored((store) => store.add({ client_id: clientId, content, more, at }));
    if (order !== null) this.keeps = true;
    this.outbox.place(clientId, order);
    this.tell({ what: "added", content });
    this.go();
    return order;
  }

  /** Sends what may be sent now, and comes back by itself for the rest. */
  go() {
    this.line.onChange();
    this.again = this.running;
    if (this.running) return;
    this.running = true;
    clearTimeout(this.timer);
    void this.run().finally(() => {
      this.running = false;
      if (this.again) this.go();
    });
  }

  async run() {
    await this.ready;
    for (;;) {
      await this.turn();
      if (!this.mine) return this.until === null ? undefined : this.comeBack(this.until + Math.random() * 500);
      const entry = this.outbox.take(Date.now());
      if (!entry) return this.comeBack(Math.min(this.outbox.wakeAt ?? Infinity, Date.now() + RENEW));
      await this.send(entry);
    }
  }

  /** Learns what waits, and whether this tab is the one to send it. */
  async turn() {
    const turn = await this.stored((store) => store.turn(this.paused ? null : this.tab, Date.now(), this.outbox.unkept));
    const over = turn ? this.outbox.takeOver(turn.entries) : [];
    this.mine = turn ? turn.mine : !this.paused && this.outbox.foremost !== undefined;
    this.until = turn && turn.until;
    this.line.onChange();
    // A tab that was closed in the middle of it has left them behind.
    if (this.mine && over.length > 0) await this.stored((store) => store.remove(over));
  }

  /** @param {number} at milliseconds */
  comeBack(at) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.go(), Math.max(0, at - Date.now()) + 5);
  }

  /** @param {Entry} entry */
  async send(entry) {
    const { clientId } = entry;
    const renewing = setInterval(() => void this.turn(), RENEW);
    try {
      const message = await this.line.send(entry);
      this.outbox.sent(clientId, message);
      this.line.onSent(message);
      this.tell({ what: "sent", id: clientId, rev: message.rev });
      await this.stored((store) => store.remove([clientId]));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.signedOut) this.pause();
      if (error.passing || error.signedOut || error.keyless) {
        this.outbox.postponed(clientId, { now: Date.now(), retryAfter: error.retryAfter, problem: error.keyless ? error.message : "" });
      }
      else await this.refuse(clientId, error.fields.content ?? error.message);
    } finally {
      clearInterval(renewing);
    }
  }

  /** @param {string} clientId @param {string} problem */
  async refuse(clientId, problem) {
    this.outbox.refused(clientId, problem);
    this.line.onRefused(problem);
    await this.stored((store) => store.refuse(clientId, problem));
    this.tell({ what: "changed" });
  }

  /** The line is back, or the keys are there. */
  hurry() {
    this.outbox.hurry();
    this.go();
  }

  /** @param {string} clientId */
  async retry(clientId) {
    this.outbox.retry(clientId);
    this.line.onChange();
    await this.stored((store) => store.refuse(clientId, ""));
    this.tell({ what: "retry", id: clientId });
    this.go();
  }

  /** @param {string} clientId */
  async discard(clientId) {
    this.outbox.discard(clientId);
    this.line.onChange();
    await this.forget([clientId]);
  }

  /** As `Outbox.settle`. @param {Set<string>} shown @param {number} rev */
  settle(shown, rev) {
    const gone = this.outbox.settle(shown, rev);
    if (gone.length > 0) void this.forget(gone);
  }

  /** @param {string[]} clientIds */
  async forget(clientIds) {
    await this.stored((store) => store.remove(clientIds));
    this.changed();
  }

  changed() {
    this.tell({ what: "changed" });
    this.go();
  }

  /** Another tab of this person in this room has something to say. @param {Word} word */
  hear({ what, id = "", rev = 0 }) {
    if (what === "sent") this.outbox.sent(id, { rev });
    if (what === "retry") this.outbox.retry(id);
    if (what === "left") this.pause();
    this.go();
  }

  /** Nothing is sent from here until the page is loaded anew; what waits stays kept. */
  pause() {
    this.paused = true;
    this.leave();
  }

  /** The page is being left: another tab may go on at once. */
  leave() {
    // After a long sleep it may be another tab's by now.
    if (!this.mine || Date.now() >= (this.until ?? 0)) return;
    this.mine = false;
    void this.stored((store) => store.release());
    this.tell({ what: "changed" });
  }

  /** @param {Word} word */
  tell(word) {
    this.line.tell?.(word);
  }

  /**
   * Asks the store. What cannot be kept is sent from memory: an answer is never waited for in vain.
   * @template T
   * @param {(store: Store) => Promise<T>} ask
   * @returns {Promise<T | null>} null when there is no store, or it has failed
   */
  async stored(ask) {
    try {
      return this.store && await ask(this.store);
    } catch {
      this.keeps = false;
      return null;
    }
  }
}
