/**
 * Keeps the feed up to date, by an open line where one can be had and by asking once a second where not.
 * Both move the same cursor; the line only says sooner that there is something to read.
 */

import { ApiError, post } from "./api.js";
import { CatchUp } from "./catch_up.js";
import { Poller } from "./poller.js";
import { Line } from "./socket.js";

/** @import { Entry } from "./outbox.js" */
/** @import { Feed } from "./feed.js" */
/** @import { Change, Message, Outcome } from "./types.js" */

/** Tries, and milliseconds, without a line before asking takes over. */
const TRIES = 2;
const PATIENCE = 4000;

/** Loaded only where a line is wanted. Null when it could not be fetched, as when the network went away meanwhile. */
const library = () => import("socket.io-client").then((module) => module.io, () => null);

export class Live {
  /**
   * @param {Feed} feed
   * @param {{outcome: (outcome: Outcome) => void, connected: () => void, lost: () => void, over: (status: number) => void}} room
   *   `over` is told once, when this browser may not read the room any more
   */
  constructor(feed, room) {
    this.feed = feed;
    this.room = room;
    this.catchUp = new CatchUp(feed, room.outcome);
    this.poller = new Poller(() => this.poll());
    /** @type {Line | null} */
    this.line = null;
    /** Whether the server pushes this room's changes here now. */
    this.entered = false;
    this.stopped = false;
    this.polling = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.fallback = undefined;
  }

  /** @param {boolean} polling true for asking only, without an open line */
  async use(polling) {
    this.polling = polling;
    if (this.stopped) return;
    if (polling) {
      this.line?.close();
      this.line = null;
      this.entered = false;
      clearTimeout(this.fallback);
      this.poller.start();
      return;
    }
    const { feed } = this;
    this.pollUnlessConnected();
    const io = await library();
    if (!io) return this.again(() => void this.use(this.polling));
    if (this.polling || this.stopped || this.line) return;
    this.line = new Line(io, {
      connected: () => void this.enter(),
      lost: () => { this.entered = false; this.room.lost(); this.pollUnlessConnected(); },
      refused: () => { if ((this.line?.failures ?? 0) >= TRIES) this.poller.start(); },
      message: (message) => { if (message.chat_id === feed.chat.id) this.push({ kind: "message", rev: message.rev, message }); },
      chat: (chat) => { if (chat.id === feed.chat.id) this.push({ kind: "chat", rev: chat.rev, chat }); },
      head: (chatId, rev) => { if (chatId === feed.chat.id) { feed.hear(rev); this.fetchIfBehind(); } },
      ended: () => this.end(401),
    });
  }

  pollUnlessConnected() {
    clearTimeout(this.fallback);
    this.fallback = setTimeout(() => { if (!this.entered && !this.stopped) this.poller.start(); }, PATIENCE);
  }

  /** Asks for the room's changes on the open line, and catches up with what was missed. */
  async enter() {
    const { feed, line } = this;
    if (!line) return;
    try {
      const after = feed.rev;
      const page = await line.enter(feed.chat.id, after);
      if (line !== this.line || !line.open) return;
      this.entered = true;
      this.poller.stop();
      this.room.connected();
      await this.catchUp.run({ after, page });
    } catch (error) {
      this.trouble(error);
      if (!this.stopped && !this.entered) this.poller.start();
      this.again(() => { if (line === this.line && line.open) void (this.entered ? this.fetchIfBehind() : this.enter()); });
    }
  }

  /** @param {Change} change */
  push(change) {
    this.room.outcome(this.feed.push(change));
    this.fetchIfBehind();
  }

  fetchIfBehind() {
    if (!this.feed.behind || this.catchUp.running || this.stopped) return;
    this.catchUp.run().then(() => this.room.connected(), (error) => {
      this.trouble(error);
      this.again(() => this.fetchIfBehind());
    });
  }

  /** @param {() => void} what after a pause that differs from client to client */
  again(what) {
    if (!this.stopped) setTimeout(what, 1000 + Math.random() * 1000);
  }

  /** @returns {Promise<number | void>} seconds to wait, if the server says so */
  async poll() {
    try {
      await this.catchUp.run();
      this.room.connected();
    } catch (error) {
      this.trouble(error);
      if (error instanceof ApiError && error.retryAfter !== null) return error.retryAfter;
      throw error;
    }
  }

  /** @param {Entry} entry @returns {Promise<Message>} @throws {ApiError} */
  async send({ clientId, content }) {
    const id = this.feed.chat.id;
    try {
      const message = this.entered && this.line?.open
        ? await this.line.send(id, clientId, content)
        : await post(`/chats/${id}/messages`, { client_id: clientId, content });
      this.room.connected();
      return message;
    } catch (error) {
      this.trouble(error);
      throw error;
    }
  }

  /** @param {unknown} error */
  trouble(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401 || error.code === "name_taken") this.end(401);
    else if (error.status === 404 || error.status === 410) this.end(error.status);
    // A server that says when to come back is there.
    else if (error.status === 0 || (error.status >= 500 && error.code !== "retry_later")) this.room.lost();
  }

  /** @param {number} status */
  end(status) {
    if (this.stopped) return;
    this.stopped = true;
    this.poller.stop();
    this.line?.close();
    this.room.over(status);
  }
}
