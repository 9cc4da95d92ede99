/** Loads what lies outside the loaded part of the log: older messages, and the way back to the newest. */

import { ApiError, get } from "../base/api.js";

/** @import { Feed } from "./feed.js" */
/** @import { Page } from "../base/types.js" */

const PAGE = 50;
/** A page that comes sooner than this needs no word about it. */
const SLOW = 300;

export class History {
  /**
   * @param {Feed} feed
   * @param {() => void} onChange
   */
  constructor(feed, onChange) {
    this.feed = feed;
    this.onChange = onChange;
    /** @type {Promise<void> | null} */
    this.running = null;
    /** After a failure nothing is asked for until this time, in milliseconds: a scroll fires many times a second. */
    this.restUntil = 0;
    /** Whether the reader has been waiting long enough to be told. */
    this.slow = false;
  }

  get resting() {
    return Date.now() < this.restUntil;
  }

  older() {
    const { window, rev } = this.feed;
    if (!window.moreBefore) return Promise.resolve();
    return this.load(Math.min(window.bottom, rev + 1), (page) => window.prepend(page.messages, page.more));
  }

  newer() {
    const { feed } = this;
    if (!feed.window.moreAfter) return Promise.resolve();
    const before = feed.window.newerBefore(feed.rev, PAGE);
    return this.load(before, (page) => feed.window.extend(page.messages, before, feed.rev), feed.window.top);
  }

  /** Leaves what is loaded for the newest page. */
  async newest() {
    const { feed } = this;
    while (this.running) await this.running;
    if (!feed.window.moreAfter) return;
    const before = feed.rev + 1;
    await this.load(before, (page) => feed.window.replace(page.messages, before, page.more, feed.rev));
    while (feed.window.moreAfter && !this.resting) await this.newer();
  }

  /** Leaves what is loaded for a page around a place, unless that is loaded. @param {number} seq */
  async around(seq) {
    const { feed } = this;
    while (this.running) await this.running;
    if (seq >= feed.window.bottom && seq <= Math.max(feed.window.top, feed.window.last?.seq ?? 0)) return;
    const before = Math.min(seq + PAGE / 2, feed.rev) + 1;
    await this.load(before, (page) => feed.window.replace(page.messages, before, page.more, feed.rev));
  }

  /**
   * One page at a time: a call while another is under way waits for that one and asks for nothing itself.
   * @param {number} before @param {(page: Page) => void} put @param {number} [above] where the page has to begin at the latest
   * @returns {Promise<void>}
   */
  load(before, put, above = Infinity) {
    if (this.resting) return Promise.resolve();
    if (this.running) return this.running;
    const timer = setTimeout(() => { this.slow = true; this.onChange(); }, SLOW);
    this.running = this.fetch(before, put, above).finally(() => {
      clearTimeout(timer);
      this.slow = false;
      this.running = null;
      this.onChange();
    });
    return this.running;
  }

  /** @param {number} before @param {(page: Page) => void} put @param {number} above */
  async fetch(before, put, above) {
    const { window } = this.feed;
    const { turn } = window;
    try {
      const page = await this.page(before, above);
      if (window === this.feed.window && turn === window.turn) put(page);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const pause = (error.retryAfter ?? 3) * 1000;
      this.restUntil = Date.now() + pause;
      setTimeout(this.onChange, pause + 10);
    }
  }
  /**
   * A page that begins right above a number: where texts are long it takes several answers.
   * @param {number} before @param {number} above
   * @returns {Promise<Page>}
   */
  async page(before, above) {
    /** @type {Page} */
    const page = await get(`/chats/${this.feed.chat.id}/messages?before=${before}&limit=${PAGE}`);
    const first = page.messages[0]?.seq ?? 0;
    if (!page.more || first <= above + 1) return page;
    const rest = await this.page(first, above);
    return { ...rest, messages: [...rest.messages, ...page.messages] };
  }
}
