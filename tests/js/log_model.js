/** A room's log as the server keeps it, in memory; and what somebody who has read up to a number must see. */

import { chat, message } from "./factories.js";

/** @import { Change, Chat, Message, Page, Room } from "../../porch/static/js/base/types.js" */

export class Log {
  constructor() {
    this.chat = chat();
    /** The number of the last change of the room itself. */
    this.changedRev = 0;
    /** @type {Map<number, Message>} by seq, deleted ones as tombstones */
    this.messages = new Map();
    /** @type {Change[]} all that ever happened; number `rev` stands at `rev - 1` */
    this.changes = [];
  }

  get rev() {
    return this.changes.length;
  }

  send() {
    this.put(message(this.rev + 1));
  }

  /** @param {number} seq */
  edit(seq) {
    const old = this.messages.get(seq);
    if (old && !old.deleted) this.put({ ...old, rev: this.rev + 1, content: `edit ${this.rev + 1}`, edited_at: old.timestamp });
  }

  /** @param {number} seq */
  remove(seq) {
    const old = this.messages.get(seq);
    if (old && !old.deleted) this.put({ ...old, rev: this.rev + 1, content: "", edited_at: null, deleted: true });
  }

  rename() {
    this.alter({ name: `name ${this.rev + 1}` });
  }

  /** All messages are deleted, without tombstones. */
  empty() {
    this.messages.clear();
    this.alter({ reset_rev: this.rev + 1 });
  }

  /** @param {Message} message */
  put(message) {
    this.messages.set(message.seq, message);
    this.changes.push({ kind: "message", rev: message.rev, message });
  }

  /** @param {Partial<Chat>} fields */
  alter(fields) {
    this.changedRev = this.rev + 1;
    this.chat = { ...this.chat, ...fields, rev: this.changedRev };
    this.changes.push({ kind: "chat", rev: this.changedRev, chat: this.chat });
  }

  /** @param {number} cursor @param {number} limit @returns {Page} */
  after(cursor, limit) {
    const rows = [...this.messages.values()].filter((one) => one.rev > cursor).sort((a, b) => a.rev - b.rev);
    const messages = rows.slice(0, limit);
    const more = rows.length > limit;
    return { messages, chat: this.changedRev > cursor ? this.chat : null, rev: more ? messages[limit - 1].rev : this.rev, head: this.rev, more };
  }

  /** @param {number} seq @param {number} limit @returns {Page} */
  before(seq, limit) {
    const rows = [...this.messages.values()].filter((one) => one.seq < seq).sort((a, b) => a.seq - b.seq);
    return { messages: rows.slice(-limit), chat: null, rev: this.rev, head: this.rev, more: rows.length > limit };
  }

  /** @param {number} limit @returns {Room} */
  room(limit) {
    const { messages, more } = this.before(Infinity, limit);
    return { ...this.chat, rev: this.rev, messages, more };
  }

  /** What there was to see when the log stood at `rev`. @param {number} rev */
  at(rev) {
    /** @type {Map<number, Message>} */
    const messages = new Map();
    let { name } = chat();
    for (const change of this.changes.slice(0, rev)) {
      if (change.kind === "message") messages.set(change.message.seq, change.message);
      else if (change.chat.reset_rev === change.rev) messages.clear();
      if (change.kind === "chat") name = change.chat.name;
    }
    return { name, messages };
  }
}
