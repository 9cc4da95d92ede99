/** One Socket.IO connection, over WebSocket only, and what is asked on it. */

import { ApiError } from "./api.js";

/** @import { io as connect } from "socket.io-client" */

/**
 * @typedef {object} Listener what the socket tells
 * @property {() => void} connected
 * @property {() => void} lost
 * @property {() => void} refused one try to connect came to nothing
 * @property {Record<string, (data: any) => void>} events what the server pushes, by name
 */

/** How long an answer may take before it counts as none. */
const PATIENCE = 8000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

export class Socket {
  /** @param {typeof connect} io the library, loaded only where a socket is wanted @param {Listener} listener */
  constructor(io, { connected, lost, refused, events }) {
    this.failures = 0;
    this.wanted = true;
    this.socket = io({
      transports: ["websocket"],
      reconnectionDelay: FIRST_PAUSE,
      reconnectionDelayMax: LONGEST_PAUSE,
      randomizationFactor: 0.5,
    });
    this.socket.on("connect", () => { this.failures = 0; connected(); });
    this.socket.on("disconnect", () => { lost(); this.comeBack(); });
    this.socket.on("connect_error", () => { this.failures += 1; refused(); this.comeBack(); });
    for (const [name, hear] of Object.entries(events)) this.socket.on(name, hear);
    // Otherwise a dead connection is noticed only when the server's next ping fails to come.
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
