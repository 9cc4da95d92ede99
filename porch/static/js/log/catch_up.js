/** Reads a room from the cursor to its head, page by page. The same on every transport. */

import { ApiError, get } from "../base/api.js";

/** @import { Feed } from "./feed.js" */
/** @import { Outcome, Page, Room } from "../base/types.js" */

const PAGE = 200;
/** Further behind than this, reading the room anew is cheaper for both sides; the rest is there on scrolling up. */
const TOO_FAR = 3000;

export class CatchUp {
  /**
   * @param {Feed} feed
   * @param {(outcome: Outcome) => void} onOutcome told once for each drain
   */
  constructor(feed, onOutcome) {
    this.feed = feed;
    this.onOutcome = onOutcome;
    /** @type {Promise<void> | null} */
    this.running = null;
  }

  /**
   * Brings the feed to the head. A call during a run is answered by that run, which goes on until nothing is missing.
   * @param {{after: number, page: Page}} [first] a first page that somebody else has fetched
   * @returns {Promise<void>}
   */
  run(first) {
    if (first) this.feed.hear(first.page.head);
    // A page that is here is not asked for again, even if what is under way comes to nothing.
    if (first && this.running) return this.running.catch(() => this.run(first));
    this.running ??= this.toHead(first).finally(() => { this.running = null; });
    return this.running;
  }

  /** @param {{after: number, page: Page}} [first] */
  async toHead(first) {
    const { feed } = this;
    do {
      const { rev, head, mustReload } = feed;
      await (mustReload ? this.reload() : this.drain(first));
      // A page that somebody else has fetched may be older than what was heard.
      if (!first && !mustReload && feed.rev === rev && !feed.mustReload) feed.believe(head);
      first = undefined;
    } while (feed.behind);
  }

  /** @param {{after: number, page: Page}} [first] */
  async drain(first) {
    const { feed } = this;
    feed.startDrain();
    try {
      let page = first?.after === feed.rev ? first.page : await this.page(feed.rev);
      if (page.head - feed.rev > TOO_FAR) return await this.reload();
      feed.collect(page);
      while (page.more) {
        page = await this.page(page.rev);
        feed.collect(page);
      }
      this.onOutcome(feed.finishDrain(page.rev));
    } catch (error) {
      feed.abandonDrain();
      // A cursor that the server does not know: its data was put back to an earlier state.
      if (error instanceof ApiError && error.status === 400) feed.mustReload = true;
      // What was pushed meanwhile is held, and may be shown if it follows the cursor.
      this.onOutcome(feed.release());
      throw error;
    }
  }

  async reload() {
    /** @type {Room} */
    const room = await get(`/chats/${this.feed.chat.id}/`);
    this.onOutcome(this.feed.restart(room));
  }

  /** @param {number} after @returns {Promise<Page>} */
  page(after) {
    return get(`/chats/${this.feed.chat.id}/messages?after=${after}&limit=${PAGE}`);
  }
}
