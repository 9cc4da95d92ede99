/**
 * The X25519 pair of a device. Safari (27 at least) writes such a key into its database and cannot bring it back. There the private
 * key is kept wrapped by an AES key, which comes back; it cannot be read out as it is used, but a script may unwrap it so that it can.
 */

import { publicText, recipientFrom } from "./public_keys.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{key: CryptoKey, bytes: Bytes}} Wrapped a private key as PKCS #8, by AES-KW (RFC 3394) */

/**
 * A new pair, its private key not extractable.
 * @returns {Promise<{sealing: CryptoKeyPair, wrapped?: Wrapped}>} `wrapped` where the pair itself cannot be kept
 */
export async function makeSealing() {
  const sealing = await newPair(false);
  if (comesBack(sealing.privateKey)) return { sealing };
  const [pair, key] = await Promise.all([
    newPair(true),
    crypto.subtle.generateKey({ name: "AES-KW", length: 256 }, false, ["wrapKey", "unwrapKey"]),
  ]);
  const wrapped = { key, bytes: new Uint8Array(await crypto.subtle.wrapKey("pkcs8", pair.privateKey, key, "AES-KW")) };
  return { sealing: await unwrapSealing(wrapped, await publicText(pair.publicKey)), wrapped };
}

/** @param {Wrapped} wrapped @param {string} dhk_pub @returns {Promise<CryptoKeyPair>} as it was made */
export async function unwrapSealing({ key, bytes }, dhk_pub) {
  const [publicKey, privateKey] = await Promise.all([
    recipientFrom(dhk_pub),
    crypto.subtle.unwrapKey("pkcs8", bytes, key, "AES-KW", "X25519", false, ["deriveBits"]),
  ]);
  return { publicKey, privateKey };
}

/** Whether a key outlives being written down, as a database does it. @param {CryptoKey} key */
export function comesBack(key) {
  try {
    structuredClone(key);
    return true;
  } catch {
    return false;
  }
}

/** @param {boolean} extractable */
async function newPair(extractable) {
  return /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("X25519", extractable, ["deriveBits"]));
}
