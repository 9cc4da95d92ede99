/**
 * Sealing for one device by HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 * Whoever uses it loads the library, `vendor/hpke.js`, and gives it here.
 */

import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/**
 * @typedef {object} Suite the part of the library's CipherSuite that is used
 * @property {(to: {recipientPublicKey: CryptoKey, info: Bytes}, plain: Bytes) => Promise<{enc: ArrayBuffer, ct: ArrayBuffer}>} seal
 * @property {(from: {recipientKey: CryptoKeyPair, enc: Bytes, info: Bytes}, ct: Bytes) => Promise<ArrayBuffer>} open
 */
/** @typedef {new (...args: any[]) => any} Made */
/** @typedef {{CipherSuite: Made, DhkemX25519HkdfSha256: Made, HkdfSha256: Made, Aes256Gcm: Made}} Library */

/** @param {Library} library @returns {Suite} */
export function hpkeSuite({ CipherSuite, DhkemX25519HkdfSha256, HkdfSha256, Aes256Gcm }) {
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

/**
 * @param {Suite} suite
 * @param {CryptoKey} recipientPublicKey X25519
 * @param {Bytes} info what both sides have to agree on
 * @param {Bytes} plain
 * @returns {Promise<{enc: Bytes, ct: Bytes}>} 32 bytes, and 16 more than `plain`
 */
export async function sealTo(suite, recipientPublicKey, info, plain) {
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plain);
  return { enc: new Uint8Array(enc), ct: new Uint8Array(ct) };
}

/**
 * Raises Refused (`wrap`) for what was not sealed for this key with this `info`.
 * @param {Suite} suite
 * @param {CryptoKeyPair} recipientKey X25519; the private one need not be extractable, so the public one has to be there, too
 * @param {Bytes} info
 * @param {{enc: Bytes, ct: Bytes}} sealed
 * @returns {Promise<Bytes>}
 */
export async function openWith(suite, recipientKey, info, { enc, ct }) {
  try {
    return new Uint8Array(await suite.open({ recipientKey, enc, info }, ct));
  } catch {
    throw new Refused("wrap");
  }
}
