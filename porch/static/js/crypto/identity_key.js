/** The key that stands for an account: it signs the first device and recoveries. Its private part is kept in the backup alone. */

import { toPkcs8 } from "./pkcs8.js";
import { publicText } from "./public_keys.js";
import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

const SEED = 32;

/** @returns {Promise<{seed: Bytes, identity: string}>} the seed for the backup, and the public key in base64url */
export async function newIdentity() {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]));
  const written = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { seed: written.slice(-SEED), identity: await publicText(pair.publicKey) };
}

/** The key that signs, to be let go of at once; it cannot be read out. @param {Bytes} seed */
export function identitySigner(seed) {
  if (seed.length !== SEED) throw new Refused("identity");
  return crypto.subtle.importKey("pkcs8", toPkcs8("Ed25519", seed), "Ed25519", false, ["sign"]);
}
