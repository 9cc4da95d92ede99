/** What the page of a direct chat does besides that of a room: who the other is by now, and how far one has read. Loaded there alone. */

/** @import { Composer } from "./composer.js" */
/** @import { Feed } from "./feed.js" */
/** @import { DirectChat } from "./types.js" */

/** Milliseconds between two words on how far one has read. */
const PAUSE = 1000;

/**
 * @typedef {object} Hands what the room's page lends
 * @property {Feed} feed
 * @property {Composer} composer
 * @property {() => boolean} following whether the newest messages are in sight
 * @property {(seq: number) => Promise<unknown>} read tells the server
 * @property {() => void} show
 */

export class Direct {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    /** Up to where the server knows that one has read. */
    this.told = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    for (const sign of ["focus", "visibilitychange"]) addEventListener(sign, () => this.seen());
    this.seen();
  }

  /** The chat is another to this person: the other has another name, or takes messages no more. @param {DirectChat} row */
  take({ name, with: other, state, blocked }) {
    const { feed, composer, show } = this.hands;
    if (blocked !== feed.chat.blocked) {
      feed.chat.may_write = !blocked;
      composer.allow(!blocked);
    }
    Object.assign(feed.chat, { name, with: other, state, blocked });
    const request = document.getElementById("request");
    if (request && feed.chat.may_write && state === "open") request.hidden = true;
    show();
  }

  /** Something may have come into sight: what is in sight while somebody looks is read. */
  seen() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.tell(), this.told === 0 ? 0 : PAUSE);
  }

  async tell() {
    const { feed, following, read } = this.hands;
    const seq = feed.messages.at(-1)?.seq ?? 0;
    if (seq <= this.told || !following() || document.hidden || !document.hasFocus()) return;
    const before = this.told;
    this.told = seq;
    try {
      await read(seq);
    } catch {
      // A later look tells it.
      this.told = before;
    }
  }
}
