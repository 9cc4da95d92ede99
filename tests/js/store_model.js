/**
 * What outbox_store.js promises, in a few lines of memory: one person in one room. The tests of the sender work with it, and
 * a browser compares it with the database.
 */

const LEASE = 5000;
const OLDEST = 30 * 24 * 60 * 60_000;

/** @typedef {import("../../porch/static/js/log/outbox_store.js").Kept} Kept */

export class StoreModel {
  constructor(user_id = 1, chat_id = 7) {
    this.owner = { user_id, chat_id };
    /** @type {Kept[]} in their order */
    this.entries = [];
    /** @type {{tab: string, until: number} | null} */
    this.lease = null;
    /** @type {{content: string, at: number} | null} */
    this.written = null;
  }

  /** @param {Pick<Kept, "client_id" | "content" | "at">} entry */
  add({ client_id, content, at }) {
    const order = Math.max(at, (this.entries.at(-1)?.order ?? 0) + 1);
    this.entries.push({ ...this.owner, client_id, content, at, order, problem: "" });
    this.written = null;
    return order;
  }

  /** @param {string | null} tab @param {number} now @param {boolean} [needed] */
  turn(tab, now, needed = false) {
    const wanted = needed || this.entries.some(({ problem }) => problem === "");
    const theirs = this.lease !== null && this.lease.tab !== tab && this.lease.until > now && this.lease.until <= now + 2 * LEASE;
    const mine = tab !== null && wanted && !theirs;
    if (mine) this.lease = { tab, until: now + LEASE };
    else if (this.lease?.tab === tab) this.lease = null;
    return { mine, until: mine || (wanted && theirs) ? this.lease?.until ?? null : null, entries: this.entries.map((entry) => ({ ...entry })) };
  }

  release() {
    this.lease = null;
  }

  /** @param {string[]} ids */
  remove(ids) {
    this.entries = this.entries.filter(({ client_id }) => !ids.includes(client_id));
  }

  /** @param {string} id @param {string} problem */
  refuse(id, problem) {
    for (const entry of this.entries) if (entry.client_id === id) entry.problem = problem;
  }

  /** @param {number} now */
  sweep(now) {
    const before = this.entries.length;
    this.entries = this.entries.filter(({ at }) => at > now - OLDEST);
    if (this.written && this.written.at <= now - OLDEST) this.written = null;
    return before - this.entries.length;
  }

  draft() {
    return this.written?.content ?? "";
  }

  /** @param {string} content @param {number} at */
  saveDraft(content, at) {
    this.written = content === "" ? null : { content, at };
  }
}
