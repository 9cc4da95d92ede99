/** The open line: one Socket.IO connection over WebSocket only, and what is said on it. */

import { ApiError } from "./api.js";

/** @import { io as connect } from "socket.io-client" */
/** @import { Chat, Message, Page } from "./types.js" */

/**
 * @typedef {object} Ears what the line tells
 * @property {() => void} connected
 * @property {() => void} lost
 * @property {(code: string) => void} refused one try to connect came to nothing
 * @property {(message: Message) => void} message
 * @property {(chat: Chat) => void} chat
 * @property {(chatId: number, rev: number) => void} head
 * @property {() => void} ended the session was ended
 */

/** How long an answer may take before it counts as none. */
const PATIENCE = 8000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

export class Line {
  /** @param {typeof connect} io the library, loaded only where a line is wanted @param {Ears} ears */
  constructor(io, ears) {
    this.failures = 0;
    this.wanted = true;
    this.socket = io({
      transports: ["websocket"],
      reconnectionDelay: FIRST_PAUSE,
      reconnectionDelayMax: LONGEST_PAUSE,
      randomizationFactor: 0.5,
    });
    this.socket.on("connect", () => { this.failures = 0; ears.connected(); });
    this.socket.on("disconnect", () => { ears.lost(); this.comeBack(); });
    this.socket.on("connect_error", (/** @type {Error & {data?: {code?: string}}} */ error) => {
      this.failures += 1;
      ears.refused(error.data?.code ?? "unreachable");
      this.comeBack();
    });
    this.socket.on("message", ears.message);
    this.socket.on("chat", ears.chat);
    this.socket.on("head", (/** @type {{chat_id: number, rev: number}} */ head) => ears.head(head.chat_id, head.rev));
    this.socket.on("session_ended", ears.ended);
    // Otherwise a dead line is noticed only when the server's next ping fails to come.
    this.whenOffline = () => { this.socket.io.engine?.close(); };
    addEventListener("offline", this.whenOffline);
  }

  get open() {
    return this.socket.connected;
  }

  /** The library tries again by itself after a lost connection, but not after the server has closed or refused it. */
  comeBack() {
    if (this.socket.active || !this.wanted) return;
    const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(this.failures, 6), LONGEST_PAUSE) * (0.5 + Math.random());
    setTimeout(() => { if (this.wanted && !this.socket.active) this.socket.connect(); }, pause);
  }

  close() {
    this.wanted = false;
    removeEventListener("offline", this.whenOffline);
    this.socket.disconnect();
  }

  /**
   * @param {number} chatId @param {number} after
   * @returns {Promise<Page>}
   */
  enter(chatId, after) {
    return this.ask("enter", { chat_id: chatId, after });
  }

  /**
   * @param {number} chatId @param {string} clientId @param {string} content
   * @returns {Promise<Message>}
   */
  async send(chatId, clientId, content) {
    return (await this.ask("send", { chat_id: chatId, client_id: clientId, content })).message;
  }

  /**
   * @param {string} event @param {unknown} body
   * @returns {Promise<any>}
   * @throws {ApiError} with the status that the same refusal has over HTTP
   */
  async ask(event, body) {
    let answer;
    try {
      answer = await this.socket.timeout(PATIENCE).emitWithAck(event, body);
    } catch {
      throw new ApiError(0, { code: "unreachable", message: "The server does not answer." });
    }
    if (answer?.ok) return answer;
    const error = answer?.error ?? { code: "unexpected", message: "The server did not understand." };
    throw new ApiError(STATUS.get(error.code) ?? 400, error, error.retry_after ?? (error.code === "too_fast" ? 1 : null));
  }
}

const STATUS = new Map([
  ["invalid", 400], ["unauthenticated", 401], ["forbidden", 403], ["foreign_origin", 403], ["not_found", 404], ["name_taken", 409],
  ["conflict", 409], ["moved", 409], ["room_deleted", 410], ["too_large", 413], ["too_fast", 429], ["retry_later", 503], ["error", 500], ["unexpected", 500],
]);
