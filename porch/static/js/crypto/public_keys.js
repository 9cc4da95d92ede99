/** Public keys as text, and what names a device: all that somebody needs to check a signature or to seal for a device. */

import { fromBase64url, sha256, toBase64url, toUtf8 } from "./bytes.js";

/** @param {CryptoKey} key Ed25519 or X25519, public @returns {Promise<string>} 32 bytes in base64url */
export async function publicText(key) {
  return toBase64url(new Uint8Array(await crypto.subtle.exportKey("raw", key)));
}

/** Raises Refused (`key`). @param {string} text */
export function verifierFrom(text) {
  return crypto.subtle.importKey("raw", fromBase64url(text, "key", 32), "Ed25519", true, ["verify"]);
}

/** Raises Refused (`key`). @param {string} text */
export function recipientFrom(text) {
  return crypto.subtle.importKey("raw", fromBase64url(text, "key", 32), "X25519", true, []);
}

/**
 * What names a device of an account: a hash of whose it is and of its keys, so that a name stands for one device for ever, and
 * nobody can pass off a device of others as one of their own.
 * @param {number} user @param {string} dsk_pub @param {string} dhk_pub
 */
export async function deviceName(user, dsk_pub, dhk_pub) {
  return toBase64url(await sha256(toUtf8(`porch/v1/dev\0${JSON.stringify([user, dsk_pub, dhk_pub])}`)));
}
