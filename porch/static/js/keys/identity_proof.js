/** Whether the identity key that the server tells is the account's own: its backup says so, which the recovery key alone opens. */

import { fromBase64url } from "../crypto/bytes.js";
import { identitySigner } from "../crypto/identity_key.js";
import { verifierFrom } from "../crypto/public_keys.js";
import { openBackup } from "./recovery.js";
import { Refused } from "../crypto/refused.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */

/**
 * The seed of the identity key; null where a recovery key was made without the one before, which took it along. Raises Refused: `backup`
 * when the server gives none, `identity` when it tells another key than the backup is of, and as `openBackup` does.
 * @param {Bytes} secret of the recovery key
 * @param {{user: number, identity: string, backup: unknown}} told `identity` and `backup` as the server tells them
 * @returns {Promise<Bytes | null>}
 */
export async function provenSeed(secret, { user, identity, backup }) {
  if (!backup) throw new Refused("backup");
  const kept = await openBackup(secret, user, backup);
  if (kept.identity === undefined) {
    if (kept.public !== identity) throw new Refused("identity");
    return null;
  }
  const seed = fromBase64url(kept.identity, "identity", 32);
  // Signed by the one and checked by the other: nothing else tells whether they belong together.
  const [signer, verifier] = await Promise.all([identitySigner(seed), verifierFrom(identity)]);
  const words = new Uint8Array(32);
  if (!(await crypto.subtle.verify("Ed25519", verifier, await crypto.subtle.sign("Ed25519", signer, words), words))) throw new Refused("identity");
  return seed;
}
