/** Keeps a room's page up to date: its log, by a cursor that is the same on every transport, and who is there. */

import { ApiError, get, post, request } from "../base/api.js";
import { CatchUp } from "./catch_up.js";
import { Updates } from "./updates.js";

/** @import { Entry } from "./outbox.js" */
/** @import { Feed } from "./feed.js" */
/** @import { Socket } from "./socket.js" */
/** @import { Change, Chat, DirectChat, Me, Message, Notice, Outcome, Place, Present, Somebody, Standing } from "../base/types.js" */

const PACE = { usual: 1000, hidden: 5000 };
/** Every third poll asks who is there, too. */
const LOOK_AT = 3;
/** Every fifth asks what else waits for this person on the site. */
const ASK_AT = 5;
/** Milliseconds between two words of this person's writing; the server takes no more. */
const TYPING = 3100;

/**
 * @typedef {object} RoomPage
 * @property {Me} me
 * @property {(outcome: Outcome) => void} outcome
 * @property {(present: Present) => void} present
 * @property {(standing: Standing) => void} standing what this person may do here
 * @property {(somebody: Somebody) => void} typing
 * @property {(chat: DirectChat) => void} direct one of this person's direct chats has changed
 * @property {(read: {chat_id: number, seq: number}) => void} read on another device, or here
 * @property {(notice: Notice) => void} notice something was said elsewhere
 * @property {() => Promise<unknown>} poll asks for what else concerns this person
 * @property {(user: Me) => void} renamed
 * @property {() => void} connected
 * @property {() => void} lost
 * @property {(error: ApiError) => void} over told once, when nothing more comes here
 */

export class Live {
  /** @param {Feed} feed @param {RoomPage} page */
  constructor(feed, page) {
    this.feed = feed;
    this.page = page;
    this.catchUp = new CatchUp(feed, page.outcome);
    /** Whether this page has made the person present; entering again without need would take them out of another room. */
    this.arrived = false;
    this.polls = 0;
    this.typedAt = 0;
    this.updates = new Updates({
      subscribe: (socket) => this.enter(socket),
      subscribed: (first) => { this.fetch(first); this.askLater(); },
      poll: () => this.poll(),
      events: this.events(),
      connected: page.connected,
      lost: page.lost,
      over: page.over,
    }, PACE);
    document.addEventListener("visibilitychange", () => { this.polls = 0; });
    addEventListener("pagehide", () => { if (!this.updates.subscribed) this.leave(); });
  }

  get path() {
    return `/chats/${this.feed.chat.id}`;
  }

  /** @returns {Record<string, (data: any) => void>} */
  events() {
    const { feed, page } = this;
    /** @param {(data: any) => void} take */
    const here = (take) => (/** @type {{chat_id: number}} */ data) => { if (data.chat_id === feed.chat.id) take(data); };
    /** @param {number} status @param {string} code */
    const ending = (status, code) => (/** @type {{to?: Place}} */ { to } = {}) => this.updates.end(new ApiError(status, { code, message: "", to }));
    return {
      message: here((message) => this.push({ kind: "message", rev: message.rev, message })),
      chat: (/** @type {Chat} */ chat) => { if (chat.id === feed.chat.id) this.push({ kind: "chat", rev: chat.rev, chat }); },
      head: here(({ rev }) => { feed.hear(rev); this.fetchIfBehind(); }),
      presence: here(page.present),
      standing: here(page.standing),
      typing: here(page.typing),
      moved: here(ending(409, "moved")),
      removed: here(ending(404, "not_found")),
      room_deleted: here(ending(410, "room_deleted")),
      session_ended: ending(401, "unauthenticated"),
      user: page.renamed,
      direct: page.direct,
      read: page.read,
      notice: page.notice,
    };
  }

  /** @param {boolean} polling true for polling only, without a socket */
  use(polling) {
    void this.updates.use(polling);
  }

  /** Back into the room, out of whichever one the person is in now. */
  comeBack() {
    this.arrived = false;
    this.updates.resume();
  }

  /** @param {Socket} socket */
  async enter(socket) {
    const after = this.feed.rev;
    const page = await socket.ask("enter", { chat_id: this.feed.chat.id, after, again: this.arrived });
    this.arrived = true;
    return { after, page };
  }

  async poll() {
    if (!this.arrived) await this.arrive();
    await this.catchUp.run();
    // Who is looked at again may have been silent for too long to count as present.
    if (this.polls % LOOK_AT === 0 && !(await this.look()) && !document.hidden) await this.arrive();
    if (this.polls % ASK_AT === ASK_AT - 1) await this.page.poll();
    this.polls += 1;
  }

  /** What came while there was no line has to be asked for; by many who come back at once not in the same moment. */
  askLater() {
    this.updates.again(() => this.page.poll().catch((error) => this.updates.trouble(error)));
  }

  async arrive() {
    this.page.present(await request("PUT", `${this.path}/presence`));
    this.arrived = true;
  }

  /** @returns {Promise<boolean>} whether the person counts as present; refused when they are in another room now */
  async look() {
    /** @type {Present} */
    const answer = await get(`${this.path}/presence`);
    this.page.present(answer);
    const { kind, state, blocked } = this.feed.chat;
    // Whoever has not taken a direct chat up is shown to nobody there.
    if (kind === "direct" && (blocked || state !== "open")) return true;
    return answer.present.length < answer.count || answer.present.some(({ user_id }) => user_id === this.page.me.user_id);
  }

  /** Says goodbye. Whoever does not is thought to be reloading for two seconds, and to be reading for longer where they poll. */
  leave() {
    const { socket, subscribed, stopped } = this.updates;
    if (!this.arrived || stopped) return;
    if (subscribed && socket) socket.ask("leave", { chat_id: this.feed.chat.id }).catch(() => {});
    else fetch(`${this.path}/presence`, { method: "DELETE", keepalive: true }).catch(() => {});
  }

  /** Tells the others that this person is writing. Nothing hangs on it. */
  type() {
    const { socket, subscribed, stopped } = this.updates;
    if (stopped || Date.now() - this.typedAt < TYPING) return;
    this.typedAt = Date.now();
    (subscribed && socket ? socket.ask("typing", { chat_id: this.feed.chat.id }) : request("POST", `${this.path}/typing`)).catch(() => {});
  }

  /** Tells how far this person has read. @param {number} seq @param {boolean} [back] marks unread what comes after it */
  read(seq, back = false) {
    const { socket, subscribed } = this.updates;
    const body = back ? { seq, back } : { seq };
    return subscribed && socket ? socket.ask("read", { chat_id: this.feed.chat.id, ...body }) : request("PUT", `${this.path}/read`, body);
  }

  /** @param {Change} change */
  push(change) {
    this.page.outcome(this.feed.push(change));
    this.fetchIfBehind();
  }

  fetchIfBehind() {
    if (this.feed.behind && !this.catchUp.running && !this.updates.stopped) this.fetch();
  }

  /** @param {{after: number, page: import("../base/types.js").Page}} [first] a first page that is here already */
  fetch(first) {
    this.catchUp.run(first).then(this.page.connected, (error) => {
      this.updates.trouble(error);
      this.updates.again(() => this.fetchIfBehind());
    });
  }

  /** @param {Entry} entry @returns {Promise<Message>} @throws {ApiError} */
  async send({ clientId, content, more }) {
    const { socket, subscribed } = this.updates;
    const files = more.files?.map((file) => file.lock ? file : { id: file.id, alt: file.alt });
    const body = { client_id: clientId, content, ...more, ...(files && { files }) };
    try {
      const message = subscribed && socket?.open
        ? (await socket.ask("send", { chat_id: this.feed.chat.id, ...body })).message
        : await post(`${this.path}/messages`, body);
      this.page.connected();
      return message;
    } catch (error) {
      this.updates.trouble(error);
      throw error;
    }
  }
}
