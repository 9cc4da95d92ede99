/** Letting a device in and shutting one out, by a device that is in already or by the recovery key; and giving it the history. */

import { toBase64url } from "../crypto/bytes.js";
import { signEntry } from "./device_chain.js";
import { provenSeed } from "./identity_proof.js";
import { confirmIdentity, newcomer, ownKeys, refresh } from "./own_keys.js";
import { verifierFrom } from "../crypto/public_keys.js";
import { newRecoveryKey, sealBackup } from "./recovery.js";
import { recoveryDevice } from "./recovery_device.js";
import { Refused } from "../crypto/refused.js";
import { keyOf, sealShare } from "./shares.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("./device_chain.js").PublicDevice} PublicDevice */
/** @typedef {import("./device_keys.js").OwnDevice} OwnDevice */
/** @typedef {import("./epoch_keys.js").Epoch} Epoch */
/** @typedef {import("./own_keys.js").OwnKeys} OwnKeys */
/** @typedef {import("./own_keys.js").Where} Where */
/** @typedef {import("./shares.js").Share} Share */

/** How often an entry is signed anew when another one came before it. */
const TRIES = 3;
const SHARES_AT_ONCE = 200;
/** Pages of epochs that are asked for at most; of 50 each. */
const MOST_PAGES = 10_000;

/**
 * Signs a device in and gives it the history. Raises Refused as `signEntry` does, and what `ask` raises.
 * @param {OwnKeys} keys `state` is ready
 * @param {PublicDevice} device one whose code was compared
 */
export async function approve(keys, device) {
  const own = ownDevice(keys);
  await append(keys, own, "add", device, { kind: "browser" });
  await giveHistory(keys, device, own);
}

/** Shuts a device out. The next message of each chat begins a new epoch without it. @param {OwnKeys} keys @param {string} dev */
export async function revoke(keys, dev) {
  const held = keys.chain?.devices.get(dev);
  if (!held) throw new Refused("dev");
  await append(keys, ownDevice(keys), "revoke", held);
}

/**
 * Lets this browser in by the recovery key, and gives it the history. Raises Refused: `recovery_unknown` for the key of another
 * account or one that was taken out of use, and as `provenSeed` does when nothing shows that the server tells the account's own identity
 * key: it could put the recovery key's device, which is public, into a chain of its own.
 * @param {Where} where @param {Bytes} secret the 32 bytes of the recovery key
 * @returns {Promise<OwnKeys>} ready
 */
export async function recover(where, secret) {
  const keys = await ownKeys(where);
  if (keys.state === "ready") return keys;
  const recovery = await recoveryDevice(secret, keys.user);
  if (!keys.store || keys.chain?.devices.get(recovery.dev)?.revoked !== false) throw new Refused("recovery_unknown");
  await seedOf(keys, secret);
  await confirmIdentity(keys);
  if (/** @type {import("./own_keys.js").State} */ (keys.state) === "ready") return keys;
  const device = await newcomer(keys, keys.store);
  await append(keys, recovery, "add", device, { kind: "browser" });
  await giveHistory(keys, device, recovery);
  return keys;
}

/**
 * Another recovery key instead of the one there is. Without that one the account's identity key is beyond reach from then on: the
 * new one lets devices in all the same.
 * @param {OwnKeys} keys `state` is ready @param {Bytes | null} old null where it is lost
 * @returns {Promise<Bytes>} kept in this browser, too, until it was saved
 */
export async function renewRecovery(keys, old) {
  const { user, store, told, contact } = keys;
  const seed = old && await seedOf(keys, old);
  const secret = newRecoveryKey();
  const [own, recovery] = [ownDevice(keys), await recoveryDevice(secret, user)];
  const before = told?.devices.filter(({ kind }) => kind === "recovery") ?? [];
  await store?.keepRecovery(user, recovery.dev, secret);
  const identity = seed ? { identity: toBase64url(seed) } : { public: contact?.identity };
  await append(keys, own, "add", recovery, { kind: "recovery", backup: await sealBackup(secret, user, { ...identity, epochs: [] }) });
  await giveHistory(keys, recovery, own);
  for (const { dev } of before) if (keys.chain?.devices.get(dev)?.revoked === false) await revoke(keys, dev);
  return secret;
}

/**
 * Gives a device the keys of all epochs that its account's other device can open; once more does no harm.
 * @param {OwnKeys} keys @param {Pick<PublicDevice, "dev" | "dhk_pub">} device whom it is for @param {OwnDevice} from
 * @returns {Promise<number>} how many
 */
async function giveHistory(keys, device, from) {
  const suite = await keys.suite();
  let given = 0;
  for (const [chat, epochs] of await epochsByChat(keys)) {
    const wanted = epochs.filter(({ wraps }) => !wraps.some(({ dev }) => dev === device.dev));
    const isShared = wanted.some(({ wraps }) => !wraps.some(({ dev }) => dev === from.dev));
    const shares = isShared ? await sharesFor(keys, chat, from.dev) : new Map();
    /** @type {Share[]} */
    const sealed = [];
    for (const epoch of wanted) {
      // One that was damaged does not keep the others back.
      const key = await keyOf(suite, epoch, shares.get(epoch.epoch), from);
      if (key) sealed.push(await sealShare(suite, epoch, key, device));
    }
    for (let at = 0; at < sealed.length; at += SHARES_AT_ONCE) {
      await keys.ask("POST", `/chats/${chat}/shares`, { dev: device.dev, shares: sealed.slice(at, at + SHARES_AT_ONCE) });
    }
    given += sealed.length;
  }
  return given;
}

/** As `provenSeed`. @param {OwnKeys} keys @param {Bytes} secret */
function seedOf({ user, told, contact }, secret) {
  return provenSeed(secret, { user, identity: contact?.identity ?? "", backup: told?.backup });
}

/** @param {OwnKeys} keys @returns {OwnDevice} */
function ownDevice({ state, device }) {
  if (state !== "ready" || !device) throw new Refused("state");
  return device;
}

/**
 * @param {OwnKeys} keys @param {OwnDevice} by @param {"add" | "revoke"} act @param {PublicDevice} device
 * @param {{kind?: "browser" | "recovery", backup?: unknown}} [added] what it is; and of a recovery key the backup that it opens
 */
async function append(keys, by, act, device, added = {}) {
  for (let left = TRIES; ; left -= 1) {
    const { chain, contact, ask } = keys;
    if (!chain || !contact) throw new Refused("state");
    // A lost answer, or another browser, was quicker.
    if (chain.devices.get(device.dev)?.revoked === (act === "revoke")) return;
    const identity = await verifierFrom(contact.identity);
    const { entry } = await signEntry({ chain, act, device, created: Date.now(), by: by.dev, signer: by.signing.privateKey, identity });
    try {
      await ask("POST", "/keys/entries", { entry, ...added });
      return await refresh(keys);
    } catch (error) {
      if (/** @type {{status?: number}} */ (error).status !== 409 || left <= 1) throw error;
      await refresh(keys);
    }
  }
}

/** @param {OwnKeys} keys @returns {Promise<Map<number, Epoch[]>>} */
async function epochsByChat({ ask }) {
  /** @type {Map<number, Epoch[]>} */
  const found = new Map();
  let after = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { epochs, more } = await ask("GET", `/keys/epochs?after=${after}`);
    for (const { epoch } of epochs) found.set(epoch.chat, [...found.get(epoch.chat) ?? [], epoch]);
    if (!more || epochs.length === 0) break;
    after = epochs.at(-1).id;
  }
  return found;
}

/** @param {OwnKeys} keys @param {number} chat @param {string} dev @returns {Promise<Map<number, Share>>} by epoch */
async function sharesFor({ ask }, chat, dev) {
  /** @type {Map<number, Share>} */
  const found = new Map();
  let after = -1;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { epochs, shares, more } = await ask("GET", `/chats/${chat}/epochs?after=${after}&dev=${dev}`);
    for (const share of shares) found.set(share.epoch, share);
    if (!more || epochs.length === 0) break;
    after = epochs.at(-1).epoch;
  }
  return found;
}
