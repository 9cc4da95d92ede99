/**
 * A room's log as this page has read it: the cursor, and what may be shown. Pure: it makes no request, it only
 * says when one is needed (`behind`). Nothing is shown past a hole, and new messages only ever appear at the end.
 */

import { FeedWindow } from "./feed_window.js";

/** @import { Change, Chat, Message, Outcome, Page, Room } from "./types.js" */

/** Changes that wait behind a hole. More than this are dropped; the fetch that fills the hole brings them too. */
const HELD_LIMIT = 1000;

export class Feed {
  /**
   * @param {{chat: Chat, messages: Message[], rev: number, moreBefore: boolean, limit?: number}} start
   */
  constructor({ chat, messages, rev, moreBefore, limit }) {
    /** Everything up to this number has been read. */
    this.rev = rev;
    this.chat = chat;
    this.window = new FeedWindow(messages, { moreBefore, limit });
    /** The highest number heard of. */
    this.head = rev;
    /** @type {Map<number, Change>} by rev */
    this.held = new Map();
    /** @type {{messages: Map<number, Message>, chat: Chat | null} | null} what a running drain has collected */
    this.drain = null;
    /** The room was emptied; what is loaded is no longer true and has to be read anew. */
    this.mustReload = false;
    /** Grows when the window starts again, so that a page asked for before is not put into it. */
    this.generation = 0;
  }

  /** Whether something is missing that a fetch would bring. */
  get behind() {
    return this.mustReload || this.head > this.rev;
  }

  get messages() {
    return this.window.messages;
  }

  /** @param {number} rev the room's number, as the server says it is */
  hear(rev) {
    this.head = Math.max(this.head, rev);
  }

  /**
   * Takes in one pushed change: applies it when it is the next, ignores it when it was read already, holds it otherwise.
   * @param {Change} change
   * @returns {Outcome}
   */
  push(change) {
    if (change.rev <= this.rev) return nothing();
    this.hear(change.rev);
    if (this.held.size < HELD_LIMIT) this.held.set(change.rev, change);
    return this.release();
  }

  /** Begins to read from the cursor to the head. Until it ends, pushed changes are held. */
  startDrain() {
    this.drain = { messages: new Map(), chat: null };
  }

  /** @param {Page} page */
  collect(page) {
    if (!this.drain) throw new Error("no drain is running");
    this.hear(page.head);
    if (page.chat) this.drain.chat = page.chat;
    for (const message of page.messages) {
      const known = this.drain.messages.get(message.seq);
      if (!known || known.rev < message.rev) this.drain.messages.set(message.seq, message);
    }
  }

  /**
   * Shows what was collected, all at once: page by page a message that was edited since would appear too late, in the middle.
   * @param {number} rev the last page's cursor
   * @returns {Outcome}
   */
  finishDrain(rev) {
    if (!this.drain) throw new Error("no drain is running");
    const { messages, chat } = this.drain;
    this.drain = null;
    const outcome = this.absorb([...messages.values()], chat);
    if (this.mustReload) return outcome;
    this.rev = Math.max(this.rev, rev);
    return joined(outcome, this.release());
  }

  /** The server has nothing after the cursor, whatever was heard before. A later change will say so again. */
  believe() {
    this.head = this.rev;
  }

  /** Forgets a drain that failed; the cursor has not moved. */
  abandonDrain() {
    this.drain = null;
  }

  /**
   * Starts again from the room as it is now.
   * @param {Room} room
   * @returns {Outcome}
   */
  restart(room) {
    const { messages, more, ...chat } = room;
    this.chat = chat;
    this.rev = room.rev;
    this.window = new FeedWindow(messages, { moreBefore: more, limit: this.window.limit });
    this.drain = null;
    this.mustReload = false;
    this.generation += 1;
    this.head = Math.max(room.rev, ...this.held.keys());
    return joined({ fresh: [], changed: true }, this.release());
  }

  /** Applies the held changes that follow the cursor without a hole. @returns {Outcome} */
  release() {
    let outcome = nothing();
    if (this.drain) return outcome;
    for (let next = this.held.get(this.rev + 1); next && !this.mustReload; next = this.held.get(this.rev + 1)) {
      const change = next;
      const applied = change.kind === "message" ? this.absorb([change.message], null) : this.absorb([], change.chat);
      if (this.mustReload) break;
      this.rev = change.rev;
      outcome = joined(outcome, applied);
    }
    for (const rev of this.held.keys()) if (rev <= this.rev) this.held.delete(rev);
    return outcome;
  }

  /**
   * Upserts by seq. What was created after the cursor is new and goes to the end; a change to a message that is not loaded,
   * and a tombstone of one never shown, show nothing.
   * @param {Message[]} messages @param {Chat | null} chat
   * @returns {Outcome}
   */
  absorb(messages, chat) {
    const outcome = nothing();
    if (chat) {
      if (chat.reset_rev > this.rev) {
        this.mustReload = true;
        return outcome;
      }
      this.chat = { ...this.chat, ...chat };
      outcome.changed = true;
    }
    for (const message of messages.sort((a, b) => a.seq - b.seq)) {
      if (this.window.update(message)) {
        outcome.changed = true;
      } else if (message.seq <= this.rev) {
        this.window.overlook(message);
      } else if (!message.deleted) {
        this.window.append(message);
        outcome.fresh.push(message);
        outcome.changed = true;
      }
    }
    return outcome;
  }
}

/** @returns {Outcome} */
function nothing() {
  return { fresh: [], changed: false };
}

/** @param {Outcome} a @param {Outcome} b @returns {Outcome} */
function joined(a, b) {
  return { fresh: [...a.fresh, ...b.fresh], changed: a.changed || b.changed };
}
