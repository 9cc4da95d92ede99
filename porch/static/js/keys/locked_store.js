/** What this browser has locked in each room: how many messages, which of them may not have arrived, and those to be sent again. */

import { answer, OLDEST, within } from "../log/outbox_store.js";

/** @import { Database } from "../log/outbox_store.js" */

/** @typedef {import("../crypto/envelope.js").Envelope} Envelope */
/**
 * @typedef {object} Writer this browser as it writes in one room, for one person
 * @property {number} user_id
 * @property {number} chat_id
 * @property {string} dev
 * @property {number} ctr how many messages it has locked
 * @property {number[]} [open] the numbers of those that are not known to have arrived, the newest MOST_OPEN
 */

/** Numbers that are named as not arrived; who loses more than these is shown with a gap. */
export const MOST_OPEN = 50;

/** @template {Writer} W */
export class LockedStore {
  /** @param {Database} db @param {string} counters the object store of the writers */
  constructor(db, counters) {
    this.db = db;
    this.counters = counters;
  }

  /**
   * @param {number} userId @param {number} chatId
   * @param {() => Promise<Omit<W, "user_id" | "chat_id" | "ctr">>} make
   * @param {string} [dev] one of another device is not taken
   * @returns {Promise<W>}
   */
  async writer(userId, chatId, make, dev) {
    const key = [userId, chatId];
    const fits = (/** @type {W | undefined} */ one) => one && (dev === undefined || one.dev === dev);
    const known = await within(this.db, [this.counters], (writers) => answer(writers.get(key)));
    if (fits(known)) return known;
    const made = { user_id: userId, chat_id: chatId, ctr: 0, ...await make() };
    return within(this.db, [this.counters], async (writers) => {
      // Another tab may have been quicker.
      const there = await answer(writers.get(key));
      if (fits(there)) return there;
      writers.put(made);
      return made;
    });
  }

  /** What was locked for a message before. @param {string} clientId @returns {Promise<Envelope | undefined>} */
  locked(clientId) {
    return within(this.db, ["locked"], async (locked) => (await answer(locked.get(clientId)))?.envelope);
  }

  /**
   * Counts an envelope as its device's next, and keeps it where it may have to be sent again.
   * @param {Writer} writer @param {Envelope} envelope @param {boolean} again
   * @returns {Promise<boolean>} false when another tab has taken the number
   */
  count({ user_id, chat_id }, envelope, again) {
    return within(this.db, [this.counters, "locked"], async (writers, locked) => {
      /** @type {W | undefined} */
      const writer = await answer(writers.get([user_id, chat_id]));
      if (!writer || writer.dev !== envelope.dev || writer.ctr !== envelope.ctr - 1) return false;
      writers.put({ ...writer, ctr: envelope.ctr, open: [...writer.open ?? [], envelope.ctr].slice(-MOST_OPEN) });
      if (again) locked.put({ client_id: envelope.client_id, envelope, at: Date.now() });
      return true;
    }, { durability: "strict" });
  }

  /** Keeps what a message was locked as anew, under the number that it has. @param {Envelope} envelope */
  replace(envelope) {
    return within(this.db, ["locked"], async (locked) => {
      const there = await answer(locked.get(envelope.client_id));
      if (there?.envelope.ctr === envelope.ctr) locked.put({ ...there, envelope });
    }, { durability: "strict" });
  }

  /**
   * An envelope was answered: it is not sent again, and the numbers that it told of need not be told again.
   * @param {Pick<Writer, "user_id" | "chat_id">} writer @param {Envelope} envelope @param {number[]} told
   */
  arrived({ user_id, chat_id }, envelope, told) {
    return within(this.db, [this.counters, "locked"], async (writers, locked) => {
      const [writer, there] = await Promise.all([answer(writers.get([user_id, chat_id])), answer(locked.get(envelope.client_id))]);
      if (there?.envelope.ctr === envelope.ctr) locked.delete(envelope.client_id);
      if (writer?.dev !== envelope.dev) return;
      const over = new Set([envelope.ctr, ...told]);
      writers.put({ ...writer, open: writer.open?.filter((/** @type {number} */ ctr) => !over.has(ctr)) });
    });
  }

  /** Throws away what nobody sends any more: the outbox keeps nothing longer, either. @param {number} now milliseconds */
  sweep(now) {
    return within(this.db, ["locked"], async (locked) => {
      for (const { client_id, at } of await answer(locked.getAll())) if (at <= now - OLDEST) locked.delete(client_id);
    });
  }
}
