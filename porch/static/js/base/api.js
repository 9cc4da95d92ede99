/** Requests to the JSON interface. One shape for every error. */

import { gettext } from "./gettext.js";

/** @import { Place } from "./types.js" */

/** @typedef {{code: string, message: string, fields?: Record<string, string>, suggestions?: string[], to?: Place}} ErrorBody `to` where somebody has moved to */

/** A refusal by the server (`status` is its answer) or a request that got no answer (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {ErrorBody} body
   * @param {number | null} [retryAfter] seconds
   */
  constructor(status, body, retryAfter = null) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.fields = body.fields ?? {};
    this.suggestions = body.suggestions ?? [];
    this.to = body.to;
    this.retryAfter = retryAfter;
  }

  /** Whether asking again later may well succeed: no answer, a server in trouble, or too many requests. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 429 || this.status === 408;
  }

  /**
   * Whether it waits for this browser to have its person's keys, which come without anybody asking again. Where the other one had some
   * and has none, whoever writes decides: what comes instead may be the host's.
   */
  get keyless() {
    return this.code === "new" || this.code === "let_in";
  }

  /** Whether the server does not know who asks, so that nobody has been refused anything yet. */
  get signedOut() {
    return this.status === 401 || this.code === "name_taken";
  }

  /** Whether asking again will not help: who asks may not read this any more, or reads elsewhere now. */
  get final() {
    return this.signedOut || [404, 410].includes(this.status) || this.code === "moved";
  }
}

/**
 * Whose page this is. Another tab may have logged in somebody else since, with the same cookie: the server then answers as if
 * nobody was, and does nothing in the name of the wrong one.
 */
export const speaker = { userId: 0 };
/** Stands between an encrypted chat's page and the server; the page's first script puts it there before any of this runs. */
export const sealing = /** @type {{sealing?: import("../encrypted_chats/envelope_line.js").EnvelopeLine}} */ (globalThis).sealing;
/** How long an answer may take before it counts as none; less while connections that browsers have kept open may be dead. */
const PATIENCE = 15_000;
const HASTE = 3000;
let patience = PATIENCE;
/** @type {Set<AbortController>} of what is under way */
const open = new Set();

/** Waits no longer for what is under way: the line that it went out on is dead. */
export function giveUp() {
  patience = HASTE;
  for (const abort of open) abort.abort();
}

/**
 * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body] sent as JSON
 * @param {{keepalive?: boolean}} [how] `keepalive`: it goes out although the page is being left
 * @returns {Promise<any>} the answer's JSON, null when there is none
 * @throws {ApiError}
 */
export function request(method, path, body, how) {
  const ask = (/** @type {unknown} */ locked) => exchange(method, path, locked, how);
  return sealing ? sealing.through(path, body, ask, ApiError) : ask(body);
}

/** As `request`, with nothing in between. @type {typeof request} */
async function exchange(method, path, body, { keepalive = false } = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => { patience = Math.min(patience * 1.5, PATIENCE); abort.abort(); }, patience);
  open.add(abort);
  try {
    const response = await fetch(path, {
      method,
      signal: keepalive ? null : abort.signal,
      keepalive,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(speaker.userId === 0 ? {} : { "Porch-User": String(speaker.userId) }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    patience = PATIENCE;
    const empty = response.status === 204;
    const answer = empty ? null : await response.json().catch(() => null);
    if (response.ok && (empty || answer !== null)) return answer;
    throw new ApiError(response.ok ? 502 : response.status, errorBody(answer), seconds(response.headers.get("Retry-After")));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw unreachable();
  } finally {
    clearTimeout(timer);
    open.delete(abort);
  }
}

/** @param {string} path */
export const get = (path) => request("GET", path);

/** @param {string} path @param {unknown} body */
export const post = (path, body) => request("POST", path, body);

/** The error of a request that got no answer. */
export function unreachable() {
  return new ApiError(0, { code: "unreachable", message: gettext("The server does not answer.") });
}

/** What is said of an answer that is none of ours. @returns {ErrorBody} */
export function unexpected() {
  return { code: "unexpected", message: gettext("The server did not understand.") };
}

/** @param {any} answer @returns {ErrorBody} */
export function errorBody(answer) {
  const error = answer?.error;
  if (typeof error?.code === "string") return { message: gettext("That did not work."), ...error };
  return unexpected();
}

/** @param {string | null} header */
function seconds(header) {
  const value = Number.parseFloat(header ?? "");
  return Number.isFinite(value) && value >= 0 ? value : null;
}
