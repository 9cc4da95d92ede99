/** Accounts with keys, for the tests of what is encrypted. */

import { emptyChain, IDENTITY, signEntry } from "../../porch/static/js/keys/device_chain.js";
import { makeDevice } from "../../porch/static/js/keys/device_keys.js";
import { identitySigner, newIdentity } from "../../porch/static/js/crypto/identity_key.js";
import { verifierFrom } from "../../porch/static/js/crypto/public_keys.js";

/** An account with one device, which its identity key has signed. @param {number} user */
export async function anAccount(user) {
  const { seed, identity: text } = await newIdentity();
  const [identity, root, device] = await Promise.all([verifierFrom(text), identitySigner(seed), makeDevice(user)]);
  const { entry, chain } = await signEntry({ chain: emptyChain(user), act: "add", device, created: 1000, by: IDENTITY, signer: root, identity });
  return { user, text, seed, identity, root, device, chain, entries: [entry] };
}

/** @param {string} text base64url, of which one bit becomes another */
export function otherBit(text) {
  const bytes = Buffer.from(text, "base64url");
  bytes[0] ^= 1;
  return bytes.toString("base64url");
}
