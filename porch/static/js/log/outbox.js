/**
 * What this person has written and the server has not shown back yet. Pure state: time comes in as an
 * argument, and `sender.js` does the sending. One message is under way at a time, so order is kept.
 */

/** @import { Kept } from "./outbox_store.js" */
/** @import { Message } from "../base/types.js" */

/**
 * @typedef {object} Entry
 * @property {string} clientId kept through every retry, so that the server stores it once
 * @property {string} content
 * @property {import("../base/types.js").More} more what it carries beside its text
 * @property {number} at milliseconds, when it was written
 * @property {number} order its place among the messages of all tabs; 0 until it has one, and so long it is not sent
 * @property {boolean} kept whether it outlives this page
 * @property {"queued" | "sending" | "waiting" | "failed" | "sent"} state waiting: it is tried again by itself; failed: it was refused
 * @property {number} tries that came to nothing
 * @property {number} due milliseconds, the earliest time of the next try
 * @property {string} problem why it was refused, or what it waits for, in words
 * @property {number} rev the number the server gave it, once sent
 */

const FIRST_DELAY = 1000;
const LONGEST_DELAY = 15_000;
/** More than this do not wait in a room. */
export const MOST_WAITING = 200;

export class Outbox {
  constructor() {
    /** @type {Entry[]} in the order they were written */
    this.entries = [];
    /** @type {Set<string>} those that this page is done with, which may still be kept for a moment */
    this.done = new Set();
  }

  /** @param {string} clientId @param {string} content @param {number} now @param {import("../base/types.js").More} [more] */
  add(clientId, content, now, more = {}) {
    this.entries.push({ clientId, content, more, at: now, order: 0, kept: false, state: "queued", tries: 0, due: 0, problem: "", rev: 0 });
  }

  /** Gives it its place, so that it may be sent. @param {string} clientId @param {number | null} order null where it could not be kept: then it is the last */
  place(clientId, order) {
    const last = Math.max(0, ...this.entries.map((entry) => entry.order));
    this.change(clientId, (entry) => Object.assign(entry, { kept: order !== null, order: order ?? Math.max(entry.at, last + 1) }));
    this.sort();
  }

  sort() {
    this.entries.sort((a, b) => (a.order || Infinity) - (b.order || Infinity) || 0);
  }

  /**
   * Takes over what is kept, which other tabs and earlier pages have a part in.
   * @param {Kept[]} kept
   * @returns {string[]} the client ids of those that are kept for nothing: they are sent, or thrown away
   */
  takeOver(kept) {
    const ids = new Set(kept.map(({ client_id }) => client_id));
    for (const id of this.done) if (!ids.has(id)) this.done.delete(id);
    // Sent or thrown away by another tab.
    this.entries = this.entries.filter((entry) => !entry.kept || entry.state === "sent" || entry.state === "sending" || ids.has(entry.clientId));
    const known = new Map(this.entries.map((entry) => [entry.clientId, entry]));
    for (const { client_id: clientId, content, more, at, order, problem } of kept) {
      let entry = known.get(clientId);
      if (!entry) {
        if (this.done.has(clientId)) continue;
        this.add(clientId, content, at, more);
        entry = /** @type {Entry} */ (this.entries.at(-1));
      }
      Object.assign(entry, { kept: true, order });
      if (problem !== "" && entry.state !== "sending" && entry.state !== "sent") this.refused(clientId, problem);
      else if (problem === "" && entry.state === "failed") this.retry(clientId);
    }
    this.sort();
    return [...this.done, ...this.entries.flatMap(({ clientId, state }) => state === "sent" && ids.has(clientId) ? clientId : [])];
  }

  /**
   * Takes the message that may go out now. Only the first unsent one may: a later one never overtakes it.
   * @param {number} now
   * @returns {Entry | null}
   */
  take(now) {
    const entry = this.foremost;
    if (!entry || entry.state === "sending" || entry.due > now) return null;
    entry.state = "sending";
    return entry;
  }

  /** When to call `take` again, in milliseconds; null when there is nothing to wait for. */
  get wakeAt() {
    const entry = this.foremost;
    return entry && entry.state !== "sending" ? entry.due : null;
  }

  get foremost() {
    return this.unsent.find((entry) => entry.state !== "failed" && entry.order > 0);
  }

  get unsent() {
    return this.entries.filter((entry) => entry.state !== "sent");
  }

  /** Whether something is to be sent that only this page knows of. */
  get unkept() {
    return this.unsent.some((entry) => !entry.kept && entry.state !== "failed");
  }

  /** @param {string} clientId @param {Pick<Message, "rev">} message as the server stored it */
  sent(clientId, message) {
    this.change(clientId, (entry) => { entry.state = "sent"; entry.rev = message.rev; });
  }

  /** @param {string} clientId @param {string} problem the server's words */
  refused(clientId, problem) {
    this.change(clientId, (entry) => { entry.state = "failed"; entry.problem = problem; });
  }

  /**
   * The send came to nothing, or nobody knows. It is tried again by itself: after what the server
   * asked for, else with growing pauses.
   * @param {string} clientId
   * @param {{now: number, retryAfter?: number | null, problem?: string, chance?: number}} options retryAfter in seconds; chance in [0, 1) spreads clients out
   */
  postponed(clientId, { now, retryAfter = null, problem = "", chance = Math.random() }) {
    this.change(clientId, (entry) => {
      Object.assign(entry, { state: "waiting", problem });
      if (retryAfter === null) entry.tries += 1;
      const pause = Math.min(FIRST_DELAY * 2 ** (entry.tries - 1), LONGEST_DELAY) * (0.75 + chance / 2);
      entry.due = now + (retryAfter === null ? pause : retryAfter * 1000 + chance * 250);
    });
  }

  /** The line is back: whatever waits for a next try may go now. */
  hurry() {
    for (const entry of this.entries) if (entry.state === "waiting" && entry.tries > 0) entry.due = 0;
  }

  /** Tries again, in the old place and under the old id. @param {string} clientId */
  retry(clientId) {
    this.change(clientId, (entry) => {
      if (entry.state !== "failed" && entry.state !== "waiting") return;
      Object.assign(entry, { state: "queued", due: 0, problem: "" });
    });
  }

  /** @param {string} clientId */
  discard(clientId) {
    this.letGo((entry) => entry.clientId === clientId);
  }

  /**
   * Lets go of everything that the feed shows by now.
   * @param {Set<string>} shown client ids of own messages that have just appeared
   * @param {number} rev the feed's cursor
   * @returns {string[]} the client ids of those that were not known to be sent
   */
  settle(shown, rev) {
    return this.letGo((entry) => shown.has(entry.clientId) || (entry.state === "sent" && entry.rev <= rev));
  }

  /** @param {(entry: Entry) => boolean} which */
  letGo(which) {
    const gone = this.entries.filter(which);
    this.entries = this.entries.filter((entry) => !gone.includes(entry));
    for (const { clientId } of gone) this.done.add(clientId);
    return gone.flatMap(({ clientId, state }) => state === "sent" ? [] : clientId);
  }

  /** @param {string} clientId @param {(entry: Entry) => void} how */
  change(clientId, how) {
    const entry = this.entries.find((one) => one.clientId === clientId);
    if (entry) how(entry);
  }
}
