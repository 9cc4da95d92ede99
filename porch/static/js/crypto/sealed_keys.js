/** What comes of the secret in a sealed room's link: the key of its messages, and what the server asks for. */

import { fromBase64url, randomBytes, sha256, toBase64url } from "./bytes.js";
import { derived } from "./hkdf.js";
import { SECRET } from "./lengths.js";
import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

const FRAGMENT = "#k1=";

/** The secret of a new room. */
export function newSecret() {
  return randomBytes(SECRET);
}

/** @param {Uint8Array} secret @returns {string} what stands at the end of a link; browsers send it to nobody */
export function toFragment(secret) {
  if (secret.length !== SECRET) throw new Refused("secret");
  return FRAGMENT + toBase64url(secret);
}

/**
 * The secret in a link, null where there is none. Raises Refused (`secret`) for a damaged one.
 * @param {string} fragment as `location.hash` has it
 * @returns {Bytes | null}
 */
export function fromFragment(fragment) {
  if (!fragment.startsWith(FRAGMENT)) return null;
  return fromBase64url(fragment.slice(FRAGMENT.length), "secret", SECRET);
}

/**
 * The key of the room's messages. It cannot be read out again.
 * @param {Bytes} secret
 */
export async function firstEpochKey(secret) {
  const key = await derived(secret, "porch/v1/epoch/0", "secret");
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * What shows the server that somebody has the link; the secret cannot be found from it.
 * @param {Bytes} secret
 * @returns {Promise<{token: string, hash: string}>} 32 bytes each, in base64url; the server keeps the hash: SHA-256 of the token's bytes
 */
export async function joinToken(secret) {
  const token = await derived(secret, "porch/v1/join-token", "secret");
  return { token: toBase64url(token), hash: toBase64url(await sha256(token)) };
}
