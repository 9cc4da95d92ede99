/**
 * The part of a room's log that is loaded: a bounded run of messages in seq order, which may end before the
 * newest one while somebody reads further up. Knows nothing of cursors; `feed.js` does.
 */

/** @import { Message } from "../base/types.js" */

/** Changes of late, kept because a page that is under way may carry the state before them. */
const CHANGES_LIMIT = 500;

/**
 * @typedef {object} Edges where the loaded part ends
 * @property {boolean} moreBefore whether older messages exist
 * @property {boolean} [moreAfter] whether newer ones do
 * @property {number} [at] the seq around which messages were loaded; 0 for the newest
 * @property {number} [limit] how many are loaded at most
 */

export class FeedWindow {
  /** @param {Message[]} messages oldest first @param {Edges} edges */
  constructor(messages, { moreBefore, moreAfter = false, at = 0, limit = 300 }) {
    this.limit = limit;
    this.messages = messages;
    this.forgetDeleted();
    this.moreBefore = moreBefore;
    /** Everything from this seq on is loaded, up to `top`; a deleted message there counts as loaded. */
    this.bottom = messages[0]?.seq ?? (at ? at + 1 : Infinity);
    /** Whether newer messages exist that are not loaded; then everything up to seq `top` is. */
    this.moreAfter = moreAfter;
    this.top = Math.max(at, this.last?.seq ?? 0);
    /** Grows when what is loaded begins elsewhere or changes were forgotten, so that a page asked for before is not put to it. */
    this.turn = 0;
    /** Whether the reader is at the end, so that old messages may go to make room for new ones. */
    this.following = true;
    /** @type {Map<number, Message>} by seq */
    this.changes = new Map();
  }

  get first() {
    return this.messages[0];
  }

  get last() {
    return this.messages[this.messages.length - 1];
  }

  /** Whoever begins to read here has not seen what was deleted before. */
  forgetDeleted() {
    this.messages = this.messages.filter((message) => !message.deleted);
  }

  /**
   * Puts a changed message in its old place. A deleted one stays as a tombstone.
   * @param {Message} message
   * @returns {boolean} whether it is loaded
   */
  update(message) {
    this.changes.set(message.seq, message);
    if (this.changes.size > CHANGES_LIMIT) {
      this.changes.clear();
      this.turn += 1;
    }
    const index = this.indexOf(message.seq);
    if (index < 0) return false;
    if (message.rev >= this.messages[index].rev) this.messages[index] = message;
    return true;
  }

  /**
   * Adds a new message at the end. Full, the window lets go of its oldest, or, while somebody reads there, of the new one.
   * @param {Message} message
   */
  append(message) {
    if (this.moreAfter) return;
    this.messages.push(message);
    this.bottom = Math.min(this.bottom, message.seq);
    if (this.messages.length <= this.limit) return;
    if (this.following) this.dropOldest();
    else this.dropNewest();
  }

  /**
   * Adds an older page in front.
   * @param {Message[]} page oldest first
   * @param {boolean} more whether still older ones exist
   */
  prepend(page, more) {
    this.messages.unshift(...this.current(page).filter((message) => message.seq < this.bottom));
    this.bottom = Math.min(this.bottom, page[0]?.seq ?? Infinity);
    this.moreBefore = more && page.length > 0;
    if (this.messages.length > this.limit) this.dropNewest();
  }

  /**
   * What to ask for to go on towards the newest: the `before` that covers the next `limit` numbers. No
   * page can hold more messages than numbers, so nothing is skipped.
   * @param {number} rev @param {number} limit
   */
  newerBefore(rev, limit) {
    return Math.min(this.top + limit, rev) + 1;
  }

  /**
   * Adds the page asked for with `newerBefore`.
   * @param {Message[]} page @param {number} before @param {number} rev the cursor now
   */
  extend(page, before, rev) {
    if (!this.moreAfter || before - 1 <= this.top) return;
    this.messages.push(...this.current(page).filter((message) => message.seq > this.top));
    this.top = before - 1;
    this.moreAfter = this.top < rev;
    if (this.messages.length > this.limit) this.dropOldest();
  }

  /**
   * Starts again from another page.
   * @param {Message[]} page @param {number} before @param {boolean} more @param {number} rev the cursor now
   */
  replace(page, before, more, rev) {
    this.messages = this.current(page);
    this.bottom = page[0]?.seq ?? Infinity;
    this.moreBefore = more;
    this.top = before - 1;
    this.moreAfter = this.top < rev;
    this.turn += 1;
  }

  dropOldest() {
    this.turn += 1;
    this.messages.splice(0, this.messages.length - this.limit);
    this.bottom = this.first.seq;
    this.moreBefore = true;
  }

  dropNewest() {
    this.messages.length = this.limit;
    this.moreAfter = true;
    this.top = this.last.seq;
  }

  /**
   * The messages of a page in their newest known state, without deleted ones.
   * @param {Message[]} page
   */
  current(page) {
    return page
      .map((message) => {
        const later = this.changes.get(message.seq);
        return later && later.rev > message.rev ? later : message;
      })
      .filter((message) => !message.deleted);
  }

  /** @param {number} seq @returns {number} -1 when it is not loaded */
  indexOf(seq) {
    let low = 0;
    let high = this.messages.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const here = this.messages[middle].seq;
      if (here === seq) return middle;
      if (here < seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
