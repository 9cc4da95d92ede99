/** The keys of this browser: made here, kept in IndexedDB by account, and never to be read out, by this page either. */

import { answer, within } from "../log/outbox_store.js";
import { deviceName, publicText } from "../crypto/public_keys.js";
import { Refused } from "../crypto/refused.js";
import { makeSealing, unwrapSealing } from "../crypto/sealing_pair.js";

/** @import { Database } from "../log/outbox_store.js" */

/**
 * @typedef {object} OwnDevice
 * @property {number} user
 * @property {string} dev its name
 * @property {string} dsk_pub
 * @property {string} dhk_pub
 * @property {CryptoKeyPair} signing Ed25519
 * @property {CryptoKeyPair} sealing X25519
 * @property {import("../crypto/sealing_pair.js").Wrapped} [wrapped] kept in its place, where it cannot be kept itself
 */

const STORE = "devices";

/** Keys for a new device, kept nowhere yet. @param {number} user @returns {Promise<OwnDevice>} */
export async function makeDevice(user) {
  const signing = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
  const { sealing, ...more } = await makeSealing();
  const [dsk_pub, dhk_pub] = await Promise.all([publicText(signing.publicKey), publicText(sealing.publicKey)]);
  return { user, dev: await deviceName(user, dsk_pub, dhk_pub), dsk_pub, dhk_pub, signing, sealing, ...more };
}

/**
 * The device that this browser is for an account, null when it is none yet. Raises Refused as `enforceOwn` does.
 * @param {Database} db @param {number} user
 * @returns {Promise<OwnDevice | null>}
 */
export async function loadDevice(db, user) {
  const kept = await within(db, [STORE], (devices) => answer(devices.get(user)));
  return kept ? opened(kept, user) : null;
}

/**
 * Keeps a new device; of several tabs that do at once the first wins, and each gets that one's.
 * @param {Database} db @param {OwnDevice} made
 * @returns {Promise<OwnDevice>}
 */
export async function keepDevice(db, made) {
  await enforceOwn(made, made.user);
  const kept = await within(db, [STORE], async (devices) => {
    const there = await answer(devices.get(made.user));
    if (!there) devices.add(closed(made));
    return there;
  }, { durability: "strict" });
  return kept ? opened(kept, made.user) : made;
}

/** @typedef {Omit<OwnDevice, "sealing"> & {sealing?: CryptoKeyPair}} KeptDevice has `sealing` or `wrapped` */

/** @param {OwnDevice} device @returns {KeptDevice} */
function closed({ sealing, ...device }) {
  return device.wrapped ? device : { ...device, sealing };
}

/** @param {KeptDevice} kept @param {number} user */
async function opened(kept, user) {
  const sealing = kept.wrapped ? await unwrapSealing(kept.wrapped, kept.dhk_pub) : /** @type {CryptoKeyPair} */ (kept.sealing);
  return enforceOwn({ ...kept, sealing }, user);
}

/** For a device that was revoked, and for whoever signs out for good. @param {Database} db @param {number} user */
export function forgetDevice(db, user) {
  return within(db, [STORE], async (devices) => { devices.delete(user); });
}

/** Asks the browser not to clear what is kept when space gets short. @returns {Promise<boolean>} whether it will keep it */
export async function keepForGood() {
  return (await navigator.storage?.persist?.()) ?? false;
}

/**
 * Raises Refused: `extractable` for a private key that can be read out, `device` for keys that are not those it is named by.
 * @param {OwnDevice} device @param {number} user
 * @returns {Promise<OwnDevice>}
 */
async function enforceOwn(device, user) {
  const { dev, signing, sealing } = device;
  if (signing.privateKey.extractable || sealing.privateKey.extractable) throw new Refused("extractable");
  const [dsk_pub, dhk_pub] = await Promise.all([publicText(signing.publicKey), publicText(sealing.publicKey)]);
  const named = await deviceName(user, dsk_pub, dhk_pub);
  if (device.user !== user || dev !== named || device.dsk_pub !== dsk_pub || device.dhk_pub !== dhk_pub) throw new Refused("device");
  return device;
}
