/** A file as the server has it: padded, and encrypted with a key of its own, which goes with the message that the file belongs to. */

import { equal, fromBase64url, randomBytes, sha256, toBase64url, toUtf8 } from "./bytes.js";
import { HASH, IV, KEY, TAG } from "./lengths.js";
import { paddedLength } from "./padme.js";
import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{key: string, iv: string, sha256: string}} Lock 32, 12 and 32 bytes in base64url; the hash is that of the ciphertext */

/** Bytes of the ciphertext of a file of this size. @param {number} size */
export function lockedLength(size) {
  return paddedLength(size) + TAG;
}

/**
 * @param {number} chat id of the room that it is for
 * @param {Bytes} content
 * @returns {Promise<{ciphertext: Bytes, lock: Lock}>}
 */
export async function lockFile(chat, content) {
  const [raw, iv] = [randomBytes(KEY), randomBytes(IV)];
  const padded = new Uint8Array(paddedLength(content.length));
  padded.set(content);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: additionalData(chat) }, key, padded));
  return { ciphertext, lock: { key: toBase64url(raw), iv: toBase64url(iv), sha256: toBase64url(await sha256(ciphertext)) } };
}

/**
 * Raises Refused: `size` for another length than that of a file of this size, `sha256` for other bytes, `key`, `padding`, and the
 * name of a field for one of another form.
 * @param {number} chat
 * @param {{size: number, lock: Lock}} file as its message tells it
 * @param {Bytes} ciphertext
 * @returns {Promise<Bytes>}
 */
export async function unlockFile(chat, { size, lock }, ciphertext) {
  const [raw, iv, hash] = [fromBase64url(lock.key, "key", KEY), fromBase64url(lock.iv, "iv", IV), fromBase64url(lock.sha256, "sha256", HASH)];
  if (ciphertext.length !== lockedLength(size)) throw new Refused("size");
  if (!equal(await sha256(ciphertext), hash)) throw new Refused("sha256");
  const padded = await opened(raw, iv, chat, ciphertext);
  if (padded.subarray(size).some((byte) => byte !== 0)) throw new Refused("padding");
  return padded.slice(0, size);
}

/** @param {Bytes} raw @param {Bytes} iv @param {number} chat @param {Bytes} ciphertext */
async function opened(raw, iv, chat, ciphertext) {
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: additionalData(chat) }, key, ciphertext));
  } catch {
    throw new Refused("key");
  }
}

/** @param {number} chat */
function additionalData(chat) {
  return toUtf8(`porch/v1/file\0${JSON.stringify([chat])}`);
}
