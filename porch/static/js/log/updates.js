/**
 * Keeps a page up to date, by a socket where one can be had and by polling where not. What is asked, and what is done with
 * it, is the page's affair; a socket only says sooner that there is something to read.
 */

import { ApiError, giveUp } from "../base/api.js";
import { Poller } from "./poller.js";
import { Socket } from "./socket.js";
import { onWaking } from "./wake.js";

/** @import { Pace } from "./poller.js" */
/** @import { Why } from "./wake.js" */

/**
 * @typedef {object} Subscriber
 * @property {(socket: Socket) => Promise<any>} subscribe asks for changes to be pushed from now on
 * @property {(answer: any) => unknown} subscribed takes that request's answer
 * @property {() => Promise<void>} poll
 * @property {Record<string, (data: any) => void>} events what is pushed, by name
 * @property {() => void} connected the server has answered
 * @property {() => void} lost
 * @property {(error: ApiError) => void} over nothing more comes here: told once, with the reason
 */

/** Tries, and milliseconds, without a socket before polling takes over. */
const TRIES = 2;
const PATIENCE = 4000;

/** Loaded only where a socket is wanted. Null when it could not be fetched, as when the network went away meanwhile. */
const library = () => import("socket.io-client").then((module) => module.io, () => null);

export class Updates {
  /** @param {Subscriber} page @param {Pace} pace of polling */
  constructor(page, pace) {
    this.page = page;
    this.poller = new Poller(() => this.poll(), pace);
    /** @type {Socket | null} */
    this.socket = null;
    /** Whether the server pushes this page's changes here now. */
    this.subscribed = false;
    this.stopped = false;
    this.polling = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.fallback = undefined;
    onWaking((why) => this.wake(why));
  }

  /** @param {boolean} polling true for polling only, without a socket */
  async use(polling) {
    this.polling = polling;
    if (this.stopped) return;
    if (polling) {
      this.disconnect();
      this.poller.start();
      return;
    }
    this.pollUnlessSubscribed();
    const io = await library();
    if (!io) return this.again(() => void this.use(this.polling));
    if (this.polling || this.stopped || this.socket) return;
    this.socket = new Socket(io, {
      connected: () => void this.subscribe(),
      lost: () => { this.subscribed = false; this.page.lost(); this.pollUnlessSubscribed(); },
      refused: () => { if ((this.socket?.failures ?? 0) >= TRIES) this.poller.start(); },
      events: this.page.events,
    });
  }

  disconnect() {
    this.socket?.close();
    this.socket = null;
    this.subscribed = false;
    clearTimeout(this.fallback);
  }

  pollUnlessSubscribed() {
    clearTimeout(this.fallback);
    this.fallback = setTimeout(() => { if (!this.subscribed && !this.stopped) this.poller.start(); }, PATIENCE * (0.75 + Math.random() / 2));
  }

  async subscribe() {
    const { socket } = this;
    if (!socket) return;
    try {
      const answer = await this.page.subscribe(socket);
      if (socket !== this.socket || !socket.open) return;
      this.subscribed = true;
      this.poller.stop();
      this.page.connected();
      this.page.subscribed(answer);
    } catch (error) {
      this.trouble(error);
      if (this.stopped || !socket.open) return;
      this.poller.start();
      this.again(() => { if (socket === this.socket && socket.open && !this.subscribed) void this.subscribe(); });
    }
  }

  /** Looks at once whether the line has held; otherwise a dead one is noticed when the server's next word does not come. @param {Why} [why] */
  wake(why) {
    if (this.stopped) return;
    if (why === "slept") giveUp();
    setTimeout(() => this.poller.hurry());
    void this.socket?.check(() => this.subscribe(), why !== "looked");
  }

  /** @param {() => void} what after a pause that differs from client to client */
  again(what) {
    if (!this.stopped) setTimeout(() => { if (!this.stopped) what(); }, 1000 + Math.random() * 1000);
  }

  /** @returns {Promise<number | void>} seconds to wait, if the server says so */
  async poll() {
    try {
      await this.page.poll();
      this.page.connected();
    } catch (error) {
      this.trouble(error);
      if (error instanceof ApiError && error.retryAfter !== null) return error.retryAfter;
      throw error;
    }
  }

  /** @param {unknown} error */
  trouble(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.final) this.end(error);
    // A server that says when to come back is there.
    else if (error.status === 0 || (error.status >= 500 && error.code !== "retry_later")) this.page.lost();
  }

  /** @param {ApiError} error */
  end(error) {
    if (this.stopped) return;
    this.stopped = true;
    this.poller.stop();
    this.disconnect();
    this.page.over(error);
  }

  /** Begins again after an end. */
  resume() {
    this.stopped = false;
    void this.use(this.polling);
  }
}
