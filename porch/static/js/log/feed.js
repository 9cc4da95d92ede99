/**
 * A room's log as this page has read it: the cursor, and what may be shown. Pure: it makes no request, it only
 * says when one is needed (`behind`). Nothing is shown past a hole, and new messages only ever appear at the end.
 */

import { FeedWindow } from "./feed_window.js";

/** @import { Change, Chat, Message, Outcome, Page, Room } from "../base/types.js" */

/** Changes that wait behind a hole. More than this are dropped; the fetch that fills the hole brings them too. */
const HELD_LIMIT = 1000;

export class Feed {
  /**
   * @param {{chat: Chat, messages: Message[], rev: number} & import("./feed_window.js").Edges} start
   */
  constructor({ chat, messages, rev, ...edges }) {
    /** Everything up to this number has been read. */
    this.rev = rev;
    this.chat = chat;
    this.window = new FeedWindow(messages, edges);
    /** @type {Map<number, Message>} by seq: messages that are shown although the window does not hold them, as those that are answered */
    this.aside = new Map();
    /** The highest number heard of. */
    this.head = rev;
    /** @type {Map<number, Change>} by rev */
    this.held = new Map();
    /** @type {{messages: Map<number, Message>, chat: Chat | null} | null} what a running drain has collected */
    this.drain = null;
    /** The room was emptied; what is loaded is no longer true and has to be read anew. */
    this.mustReload = false;
  }

  /** Whether something is missing that a fetch would bring. */
  get behind() {
    return this.mustReload || this.head > this.rev;
  }

  get messages() {
    return this.window.messages;
  }

  /** @param {number} seq @returns {Message | undefined} as this page knows it */
  at(seq) {
    return this.messages.find((message) => message.seq === seq) ?? this.aside.get(seq);
  }

  /** Keeps a message that is shown outside of the window. @param {Message} message */
  keep(message) {
    if ((this.aside.get(message.seq)?.rev ?? 0) <= message.rev) this.aside.set(message.seq, message);
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
    // In rev order, so that the last state of a message stays.
    for (const message of page.messages) this.drain.messages.set(message.seq, message);
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
    return this.advance(messages, chat, rev);
  }

  /**
   * The server, asked when `head` was the highest number heard of, has nothing after the cursor: what was heard before is no
   * longer true, as after a restored backup. What was heard since has to be asked for again.
   * @param {number} head
   */
  believe(head) {
    if (this.head > head) return;
    this.head = this.rev;
    this.held.clear();
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
    this.hear(room.rev);
    // The server was put back to an earlier state: what it said before does not go on from there.
    if (room.rev < this.rev) this.held.clear();
    this.rev = room.rev;
    this.window = new FeedWindow(messages, { moreBefore: more, limit: this.window.limit });
    this.aside.clear();
    this.drain = null;
    this.mustReload = false;
    const outcome = this.release();
    this.window.forgetDeleted();
    return { ...outcome, changed: true, anew: true };
  }

  /** Applies the held changes that follow the cursor without a hole. @returns {Outcome} */
  release() {
    return this.drain || this.mustReload ? nothing() : this.advance(new Map(), null, this.rev);
  }

  /**
   * Shows what was read up to `rev`, and the held changes that follow it without a hole; all at once, so that what was
   * written and taken back meanwhile is never seen.
   * @param {Map<number, Message>} messages by seq @param {Chat | null} chat @param {number} rev
   * @returns {Outcome}
   */
  advance(messages, chat, rev) {
    for (let change = this.held.get(rev + 1); change; change = this.held.get(rev + 1)) {
      rev = change.rev;
      if (change.kind === "chat") chat = change.chat;
      else messages.set(change.message.seq, change.message);
    }
    const outcome = this.absorb([...messages.values()], chat);
    if (!this.mustReload) this.rev = rev;
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
    outcome.touched = messages;
    for (const message of messages.sort((a, b) => a.seq - b.seq)) {
      if (message.seq <= this.rev) {
        const aside = this.aside.has(message.seq);
        if (aside) this.keep(message);
        if (this.window.update(message) || aside) outcome.changed = true;
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
  return { fresh: [], touched: [], changed: false };
}
