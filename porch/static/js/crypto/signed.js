/** Signatures and hashes of records: JSON arrays in a fixed order, after a label that says what kind of record it is. */

import { concat, fromBase64url, sha256, toBase64url, toUtf8 } from "./bytes.js";
import { Refused } from "./refused.js";

/** @param {string} label @param {unknown[]} values of plain ASCII and whole numbers, so that JSON writes them in one way */
function labelled(label, values) {
  return toUtf8(`${label}\0${JSON.stringify(values)}`);
}

/** @param {CryptoKey} signer private Ed25519 @param {string} label @param {unknown[]} values @returns {Promise<string>} */
export async function signature(signer, label, values) {
  return toBase64url(new Uint8Array(await crypto.subtle.sign("Ed25519", signer, labelled(label, values))));
}

/**
 * Raises Refused (`signature`).
 * @param {CryptoKey} verifier public Ed25519 @param {string} sig @param {string} label @param {unknown[]} values
 */
export async function enforceSignature(verifier, sig, label, values) {
  const bytes = fromBase64url(sig, "signature", 64);
  if (!(await crypto.subtle.verify("Ed25519", verifier, bytes, labelled(label, values)))) throw new Refused("signature");
}

/** @param {string} label @param {unknown[]} values @param {string} [sig] @returns {Promise<string>} 32 bytes in base64url */
export async function hashOf(label, values, sig = "") {
  return toBase64url(await sha256(concat(labelled(label, values), fromBase64url(sig, "signature", 0, 64))));
}
