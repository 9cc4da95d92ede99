/** The secret in a sealed room's link: out of the address bar at once, and kept in this browser. */

import { fromFragment } from "../crypto/sealed_keys.js";
import { SealedStore } from "./sealed_store.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */

/** Where a secret is kept of which nobody knows yet whether the server lets in with it. @param {string} hashKey */
export const arriving = (hashKey) => `arriving ${hashKey}`;

/** Where a secret is kept for the person who has come in with it: nobody who comes after them in this browser does. @param {number} userId @param {string} hashKey */
export const owned = (userId, hashKey) => `${userId} ${hashKey}`;

/** Takes the secret out of the address bar, where it would be read over a shoulder and kept in the history. @returns {Bytes | null} */
export function takeSecret() {
  const { hash, pathname, search } = location;
  if (!hash.startsWith("#k")) return null;
  history.replaceState(history.state, "", pathname + search);
  return secretIn(hash);
}

/** @param {string} link or its end @returns {Bytes | null} null for a damaged one, too */
export function secretIn(link) {
  try {
    return fromFragment(link.trim().replace(/^[^#]*/u, ""));
  } catch {
    return null;
  }
}

/** Whether this browser can lock and open messages: a page by plain http cannot. @returns {Promise<boolean>} */
export async function canSeal() {
  if (!isSecureContext || !crypto.subtle) return false;
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    await SealedStore.open();
    return true;
  } catch {
    return false;
  }
}
