/** Keys of epochs that are over, handed to a device that came later: the history. The signed epoch says whether a key is the right one. */

import { fromBase64url, toBase64url, toUtf8 } from "../crypto/bytes.js";
import { enforceKey, epochHash, openWrap } from "./epoch_keys.js";
import { base64url, checked, whole } from "../crypto/fields.js";
import { openWith, sealTo } from "../crypto/hpke.js";
import { KEY, TAG } from "../crypto/lengths.js";
import { recipientFrom } from "../crypto/public_keys.js";
import { Refused } from "../crypto/refused.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("./device_chain.js").PublicDevice} PublicDevice */
/** @typedef {import("./epoch_keys.js").Epoch} Epoch */
/** @typedef {import("../crypto/hpke.js").Suite} Suite */
/** @typedef {{epoch: number, enc: string, ct: string}} Share */

const FORMS = { epoch: whole(0), enc: base64url(32), ct: base64url(KEY + TAG) };

/**
 * Raises Refused (`key_hash`) for a key of another epoch, and as `epochHash` does for a form.
 * @param {Suite} suite @param {Epoch} epoch @param {Bytes} key @param {Pick<PublicDevice, "dev" | "dhk_pub">} device whom it is for
 * @returns {Promise<Share>}
 */
export async function sealShare(suite, epoch, key, { dev, dhk_pub }) {
  await enforceKey(epoch, key);
  const { enc, ct } = await sealTo(suite, await recipientFrom(dhk_pub), await shareInfo(epoch, dev), key);
  return { epoch: epoch.epoch, enc: toBase64url(enc), ct: toBase64url(ct) };
}

/**
 * The key of an epoch. Raises Refused: `form` or the name of a field for another form, `epoch` for a share of another one, `wrap` when it
 * does not open, `key_hash` for another key than the one that was signed.
 * @param {Suite} suite @param {Epoch} epoch as it was verified @param {unknown} share @param {{dev: string, sealing: CryptoKeyPair}} own
 */
export async function openShare(suite, epoch, share, own) {
  const { epoch: number, enc, ct } = checked(share, FORMS);
  if (number !== epoch.epoch) throw new Refused("epoch");
  const sealed = { enc: fromBase64url(enc, "enc", 32), ct: fromBase64url(ct, "ct", KEY + TAG) };
  const key = await openWith(suite, own.sealing, await shareInfo(epoch, own.dev), sealed);
  await enforceKey(epoch, key);
  return key;
}

/**
 * The key of an epoch by whichever of the two a device has; null where it has neither, or one that was damaged.
 * @param {Suite} suite @param {Epoch} epoch as it was verified @param {unknown} share undefined for none @param {{dev: string, sealing: CryptoKeyPair}} own
 * @returns {Promise<Bytes | null>}
 */
export async function keyOf(suite, epoch, share, own) {
  try {
    if (epoch.wraps.some(({ dev }) => dev === own.dev)) return await openWrap(suite, epoch, own);
    return share ? await openShare(suite, epoch, share, own) : null;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return null;
  }
}

/** A share opens for its epoch alone, which its hash names with all that is in it. @param {Epoch} epoch @param {string} dev */
async function shareInfo(epoch, dev) {
  return toUtf8(`porch/v1/share\0${JSON.stringify([epoch.chat, epoch.epoch, await epochHash(epoch), dev])}`);
}
