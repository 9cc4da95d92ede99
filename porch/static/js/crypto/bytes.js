/** Bytes as text and text as bytes, strictly: of two texts never both stand for the same bytes, and the other way round. */

import { Refused } from "./refused.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map(Array.from(LETTERS, (letter, value) => [letter.charCodeAt(0), value]));

/** @typedef {Uint8Array<ArrayBuffer>} Bytes what WebCrypto takes */

/**
 * Base64url without padding (RFC 4648, section 5).
 * @param {Uint8Array} bytes
 */
export function toBase64url(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += LETTERS[group >> 18] + LETTERS[(group >> 12) & 63];
    if (left > 1) text += LETTERS[(group >> 6) & 63];
    if (left > 2) text += LETTERS[group & 63];
  }
  return text;
}

/**
 * Raises Refused with `code` for other characters, for padding, for bits that no byte has, and for too few or too many bytes.
 * @param {unknown} text
 * @param {string} code
 * @param {number} least bytes, inclusive
 * @param {number} [most] bytes, inclusive; as many as at least when not given
 * @returns {Bytes}
 */
export function fromBase64url(text, code, least, most = least) {
  if (typeof text !== "string" || text.length % 4 === 1) throw new Refused(code);
  const length = Math.floor((text.length * 3) / 4);
  if (length < least || length > most) throw new Refused(code);
  const bytes = new Uint8Array(length);
  let [held, bits, at] = [0, 0, 0];
  for (let place = 0; place < text.length; place += 1) {
    const value = VALUES.get(text.charCodeAt(place));
    if (value === undefined) throw new Refused(code);
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = held >> bits;
    at += 1;
  }
  if (held & ((1 << bits) - 1)) throw new Refused(code);
  return bytes;
}

/** @param {string} text @returns {Bytes} in UTF-8 */
export function toUtf8(text) {
  return new TextEncoder().encode(text);
}

/**
 * Raises Refused with `code` for what is no UTF-8. A byte order mark is kept, as it is part of the text.
 * @param {Uint8Array} bytes @param {string} code
 */
export function fromUtf8(bytes, code) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused(code);
  }
}

/** @param {...Uint8Array} parts @returns {Bytes} */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Whether two are the same, in a time that tells their length only.
 * @param {Uint8Array} one @param {Uint8Array} other
 */
export function equal(one, other) {
  if (one.length !== other.length) return false;
  let differing = 0;
  for (let at = 0; at < one.length; at += 1) differing |= one[at] ^ other[at];
  return differing === 0;
}

/** @param {number} length @returns {Bytes} */
export function randomBytes(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** @param {Bytes} bytes @returns {Promise<Bytes>} 32 */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
