/** Keys out of a secret, one for each use: HKDF-SHA256 (RFC 5869) with a salt of 32 zero bytes. */

import { toUtf8 } from "./bytes.js";
import { SECRET } from "./lengths.js";
import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/**
 * Raises Refused with `code` for a secret of another length.
 * @param {Bytes} secret @param {string} info @param {string} code
 * @returns {Promise<Bytes>} 32
 */
export async function derived(secret, info, code) {
  if (secret.length !== SECRET) throw new Refused(code);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: toUtf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, base, 256));
}
