/** One Socket.IO connection, over WebSocket only, and what is asked on it. */

import { ApiError, giveUp, sealing, speaker, unexpected, unreachable } from "../base/api.js";

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
const FIRST_PAUSE = 1500;
const LONGEST_PAUSE = 30_000;
/** By how much pauses differ: when a server comes back, those who wait for it do not all come at once. */
const SPREAD = 0.7;
/** The server says something every ten seconds. Without a word for this long, the line is doubtful, and then dead. */
const QUIET = 12_000;
const DEAD = 15_000;
/** How long a doubtful line has to prove itself. */
const PROOF = 3000;

export class Socket {
  /** @param {typeof connect} io the library, loaded only where a socket is wanted @param {Listener} listener */
  constructor(io, { connected, lost, refused, events }) {
    this.failures = 0;
    this.wanted = true;
    /** When the server was last heard, and a line last given up, in milliseconds. */
    this.heard = Date.now();
    this.reopened = 0;
    this.socket = io({
      transports: ["websocket"],
      auth: { user_id: speaker.userId },
      reconnectionDelay: FIRST_PAUSE,
      reconnectionDelayMax: LONGEST_PAUSE,
      randomizationFactor: SPREAD,
    });
    this.socket.on("connect", () => { this.failures = 0; this.heard = Date.now(); connected(); });
    this.socket.io.on("ping", () => { this.heard = Date.now(); });
    this.socket.on("disconnect", (reason) => {
      // It was silent, not closed: so is whatever else is under way.
      if (reason === "ping timeout") giveUp();
      lost();
      this.comeBack();
    });
    this.socket.on("connect_error", () => { this.failures += 1; refused(); this.comeBack(); });
    for (const [name, hear] of Object.entries({ ...events, ...sealing?.events })) this.socket.on(name, (data) => sealing ? sealing.hear(data, hear) : hear(data));
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
    const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(this.failures, 6), LONGEST_PAUSE) * (1 - SPREAD + 2 * SPREAD * Math.random());
    setTimeout(() => { if (this.wanted && !this.socket.active) this.socket.connect(); }, pause);
  }

  /**
   * The page was away. A line that may have died meanwhile has to prove itself, and one that is not there is opened now.
   * @param {() => Promise<void>} prove asks the server something
   * @param {boolean} doubtful whether there is a reason to ask besides its silence
   */
  async check(prove, doubtful) {
    const quiet = Date.now() - this.heard;
    if (this.open && quiet < QUIET && !doubtful) return;
    const pause = new Promise((resolve) => setTimeout(resolve, PROOF, "late"));
    if (this.open && quiet < DEAD && await Promise.race([prove(), pause]) !== "late") return;
    if (!this.wanted || Date.now() - this.reopened < FIRST_PAUSE) return;
    this.reopened = Date.now();
    giveUp();
    // Without waiting for the pause that the library would make.
    this.socket.disconnect();
    this.socket.connect();
  }

  close() {
    this.wanted = false;
    removeEventListener("offline", this.whenOffline);
    const { engine } = this.socket.io;
    const end = () => { this.socket.disconnect(); };
    // A WebSocket that is closed while it opens is an error in the console: this one is when it is open, or has failed.
    if (engine?.readyState === "opening") engine.once("open", end).once("close", end);
    else end();
  }

  /**
   * @param {string} event @param {unknown} body
   * @returns {Promise<any>}
   * @throws {ApiError} with the status that the same refusal has over HTTP
   */
  ask(event, body) {
    const ask = (/** @type {unknown} */ locked) => this.exchange(event, locked);
    return sealing ? sealing.through(event, body, ask, ApiError) : ask(body);
  }

  /** As `ask`, with nothing in between. @type {Socket["ask"]} */
  async exchange(event, body) {
    let answer;
    try {
      answer = await this.socket.timeout(PATIENCE).emitWithAck(event, body);
    } catch {
      throw unreachable();
    }
    if (answer?.ok) return answer;
    const error = answer?.error ?? unexpected();
    throw new ApiError(STATUS.get(error.code) ?? 400, error, error.retry_after ?? (error.code === "too_fast" ? 1 : null));
  }
}

const STATUS = new Map([
  ["invalid", 400], ["unauthenticated", 401], ["forbidden", 403], ["foreign_origin", 403], ["not_found", 404], ["name_taken", 409],
  ["conflict", 409], ["moved", 409], ["room_deleted", 410], ["too_large", 413], ["too_fast", 429], ["retry_later", 503], ["error", 500], ["unexpected", 500],
]);
