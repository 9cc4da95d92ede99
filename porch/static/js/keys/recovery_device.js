/**
 * The recovery key as a device of its account: the pairs that follow from it, the same wherever it is typed. What is sealed for every
 * device is sealed for it, and it can sign a new one in.
 */

import { fromBase64url } from "../crypto/bytes.js";
import { derived } from "../crypto/hkdf.js";
import { toPkcs8 } from "../crypto/pkcs8.js";
import { deviceName, publicText } from "../crypto/public_keys.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("./device_keys.js").OwnDevice} OwnDevice */

/** What the keys of a pair may do. */
const USES = {
  Ed25519: { private: /** @type {KeyUsage[]} */ (["sign"]), public: /** @type {KeyUsage[]} */ (["verify"]) },
  X25519: { private: /** @type {KeyUsage[]} */ (["deriveBits"]), public: /** @type {KeyUsage[]} */ ([]) },
};

/**
 * Raises Refused (`recovery_length`) for a secret that is none.
 * @param {Bytes} secret the 32 bytes of the recovery key
 * @param {number} user whose it is
 * @returns {Promise<OwnDevice>} to be let go of when the work is done; the private keys cannot be read out
 */
export async function recoveryDevice(secret, user) {
  const [signing, sealing] = await Promise.all([
    pairOf("Ed25519", await derived(secret, "porch/v1/recovery-dsk", "recovery_length")),
    pairOf("X25519", await derived(secret, "porch/v1/recovery-dhk", "recovery_length")),
  ]);
  const [dsk_pub, dhk_pub] = await Promise.all([publicText(signing.publicKey), publicText(sealing.publicKey)]);
  return { user, dev: await deviceName(user, dsk_pub, dhk_pub), dsk_pub, dhk_pub, signing, sealing };
}

/** @param {"Ed25519" | "X25519"} curve @param {Bytes} seed @returns {Promise<CryptoKeyPair>} */
async function pairOf(curve, seed) {
  const [uses, written] = [USES[curve], toPkcs8(curve, seed)];
  // Only a key that can be written out tells its public part.
  const open = await crypto.subtle.importKey("pkcs8", written, curve, true, uses.private);
  const { x } = await crypto.subtle.exportKey("jwk", open);
  return {
    privateKey: await crypto.subtle.importKey("pkcs8", written, curve, false, uses.private),
    publicKey: await crypto.subtle.importKey("raw", fromBase64url(x, "key", 32), curve, true, uses.public),
  };
}
