/** The keys of one's own account as this browser has them, made silently where the account has none yet. */

import { Contacts } from "./contacts.js";
import { deviceCode } from "./device_code.js";
import { activeDevices, emptyChain, IDENTITY, signEntry } from "./device_chain.js";
import { keepForGood } from "./device_keys.js";
import { loadSuite } from "../crypto/hpke_library.js";
import { identitySigner, newIdentity } from "../crypto/identity_key.js";
import { provenSeed } from "./identity_proof.js";
import { KeyStore } from "./key_store.js";
import { verifierFrom } from "../crypto/public_keys.js";
import { newRecoveryKey, sealBackup } from "./recovery.js";
import { recoveryDevice } from "./recovery_device.js";
import { comesBack } from "../crypto/sealing_pair.js";
import { toBase64url } from "../crypto/bytes.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("./contact_trust.js").Contact} Contact */
/** @typedef {import("./device_chain.js").Chain} Chain */
/** @typedef {import("./device_chain.js").Entry} Entry */
/** @typedef {import("./device_chain.js").PublicDevice} PublicDevice */
/** @typedef {import("./device_keys.js").OwnDevice} OwnDevice */
/** @typedef {import("../crypto/hpke.js").Suite} Suite */
/** @typedef {(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown) => Promise<any>} Ask as `request` of api.js */
/** @typedef {PublicDevice & {label: string, created_at: string}} Request of a browser that asks to be let in */
/**
 * @typedef {object} ToldKeys the answer of `GET /keys`
 * @property {number} user_id
 * @property {string | null} identity
 * @property {Entry[]} entries
 * @property {unknown} backup
 * @property {{dev: string, kind: "browser" | "recovery", label: string, added_at: string}[]} devices
 * @property {Request[]} requests
 */
/**
 * @typedef {"ready" | "new" | "let_in" | "changed" | "gone" | "insecure" | "unable"} State
 *   new: the account has keys, and this browser none that are theirs; let_in: the server says that it was let in, and its person has not
 *   said so yet: whose keys these are nobody knows; changed: the server tells other keys than this browser knows as its
 *   person's own, or takes entries back; gone: it tells none any more; insecure: the page came by plain http; unable: the browser lacks
 *   what it takes
 */
/**
 * @typedef {object} Where
 * @property {number} user
 * @property {Ask} ask
 * @property {KeyStore} [store]
 * @property {() => Promise<Suite>} [suite] of HPKE
 */
/**
 * @typedef {object} OwnKeys
 * @property {State} state
 * @property {number} user
 * @property {Ask} ask
 * @property {() => Promise<Suite>} suite
 * @property {KeyStore | null} store null where `state` is insecure or unable
 * @property {ToldKeys | null} told likewise
 * @property {OwnDevice | null} device what this browser is, also before it was let in; null for none
 * @property {Contact | null} contact one's own identity key, as it is pinned here
 * @property {boolean} [unsure] whether nothing but the server says that it is one's own
 * @property {Chain | null} chain of one's own devices; null where it is not believed
 */

/** How often first keys are tried: another browser of the same person may be quicker. */
const TRIES = 3;

/**
 * Raises what `ask` raises.
 * @param {Where} where
 * @returns {Promise<OwnKeys>}
 */
export async function ownKeys({ user, ask, store, suite = loadSuite }) {
  /** @type {OwnKeys} */
  const keys = { state: "insecure", user, ask, suite, store: null, told: null, device: null, contact: null, chain: null };
  if (!mayHaveKeys()) return keys;
  keys.store = store ?? await openStore();
  if (!keys.store) return { ...keys, state: "unable" };
  await refresh(keys);
  // Where there were some, none are made silently: that they are gone is something to be told.
  if (!keys.contact) await makeFirst(keys);
  return keys;
}

/**
 * New keys for an account whose old ones were given up: nothing that was sealed for those alone can be opened with these.
 * @param {OwnKeys} keys `state` is gone
 */
export async function beginAnew(keys) {
  await makeFirst(keys);
  if (keys.told?.identity && keys.contact?.changed === keys.told.identity) {
    await new Contacts(/** @type {KeyStore} */ (keys.store), keys.user).accept(keys.user, keys.told.identity);
    await refresh(keys);
  }
}

/** @param {OwnKeys} keys */
async function makeFirst(keys) {
  for (let left = TRIES; left > 0 && keys.told?.identity === null; left -= 1) await makeFirstKeys(keys);
}

/**
 * Whether this browser is one of the account's, without asking the server: what pages that show nothing of keys begin with.
 * @param {number} user @param {KeyStore} store
 */
export async function hasKeys(user, store) {
  const [device, account] = await Promise.all([store.device(user), store.account(user, user)]);
  return device !== null && account !== null && !account.unsure && account.devices.some(({ dev, revoked }) => dev === device.dev && !revoked);
}

/** Whether pages are served so that browsers lend the primitives at all. */
export function mayHaveKeys() {
  return globalThis.isSecureContext !== false && Boolean(globalThis.crypto?.subtle);
}

/** @returns {Promise<KeyStore | null>} null where there is no database, it keeps no keys, or the curves are missing */
export async function openStore() {
  try {
    const [signing] = await Promise.all([
      crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]),
      crypto.subtle.generateKey("X25519", false, ["deriveBits"]),
    ]);
    // An iPhone in lockdown mode makes keys and keeps none.
    return comesBack(/** @type {CryptoKeyPair} */ (signing).privateKey) ? await KeyStore.open() : null;
  } catch {
    return null;
  }
}

/** Looks again at what the server tells. Raises what `ask` raises. @param {OwnKeys} keys with a store */
export async function refresh(keys) {
  const { user, ask } = keys;
  const store = /** @type {KeyStore} */ (keys.store);
  const contacts = new Contacts(store, user);
  const told = /** @type {ToldKeys} */ (await ask("GET", "/keys"));
  Object.assign(keys, { told, state: "changed", chain: null, device: await store.device(user), contact: await contacts.get(user) });
  if (told.identity === null) {
    keys.state = "gone";
    return;
  }
  try {
    const { contact, chain, unsure } = await contacts.see({ user_id: user, identity: told.identity, entries: told.entries });
    Object.assign(keys, { contact, chain, unsure });
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "Refused") throw error;
    return;
  }
  if (!keys.chain) return;
  const held = keys.device && keys.chain.devices.get(keys.device.dev);
  if (!held || held.revoked) keys.state = "new";
  else if (keys.unsure && !(await isProven(keys))) keys.state = "let_in";
  else keys.state = "ready";
}

/** Where this browser made the account's keys the recovery key is kept here, which shows whose they are. @param {OwnKeys} keys */
async function isProven(keys) {
  const { user, told, contact } = keys;
  const secret = await recoverySecret(keys);
  try {
    if (!secret) return false;
    await provenSeed(secret, { user, identity: contact?.identity ?? "", backup: told?.backup });
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "Refused") throw error;
    return false;
  }
  await new Contacts(/** @type {KeyStore} */ (keys.store), user).confirm(user);
  keys.unsure = false;
  return true;
}

/** The keys that the server tells are one's own: their person has compared the code, or the recovery key shows it. @param {OwnKeys} keys */
export async function confirmIdentity(keys) {
  await new Contacts(/** @type {KeyStore} */ (keys.store), keys.user).confirm(keys.user);
  await refresh(keys);
}

/** Nobody has let this browser in, whatever the server says: its keys are not used for anything. @param {OwnKeys} keys */
export async function disown(keys) {
  await keys.store?.forgetDevice(keys.user);
  await refresh(keys);
}

/**
 * This browser's device and the recovery key's, both signed by a new identity key, unless there are other keys meanwhile.
 * @param {OwnKeys} keys
 */
async function makeFirstKeys(keys) {
  const { user, ask } = keys;
  const store = /** @type {KeyStore} */ (keys.store);
  const { seed, identity: text } = await newIdentity();
  const secret = newRecoveryKey();
  const [identity, signer, device, recovery] = await Promise.all([verifierFrom(text), identitySigner(seed), store.ownDevice(user), recoveryDevice(secret, user)]);
  const by = { act: /** @type {const} */ ("add"), created: Date.now(), by: IDENTITY, signer, identity };
  const first = await signEntry({ ...by, chain: emptyChain(user), device });
  const second = await signEntry({ ...by, chain: first.chain, device: recovery });
  const backup = await sealBackup(secret, user, { identity: toBase64url(seed), epochs: [] });
  // Before anybody hears of them, so that there are no keys to which nobody has the recovery key.
  await store.keepRecovery(user, recovery.dev, secret);
  try {
    await ask("POST", "/keys", { identity: text, entries: [first.entry, second.entry], backup });
  } catch (error) {
    if (/** @type {{status?: number}} */ (error).status !== 409) throw error;
  }
  void keepForGood().catch(() => false);
  await refresh(keys);
}

/**
 * In a browser that has no keys of its account yet: makes them, and asks to be let in.
 * @param {OwnKeys} keys `state` is new
 * @returns {Promise<{device: OwnDevice, code: string}>} the code to be compared where it is let in
 */
export async function requestApproval(keys) {
  const { user, ask } = keys;
  const store = /** @type {KeyStore} */ (keys.store);
  const identity = /** @type {Contact} */ (keys.contact).identity;
  const device = await newcomer(keys, store);
  const { dev, dsk_pub, dhk_pub } = device;
  await ask("POST", "/keys/requests", { dev, dsk_pub, dhk_pub });
  return { device, code: await deviceCode({ user, identity, dev }) };
}

/** A device for this browser that no chain holds: whoever was revoked makes new keys. @param {OwnKeys} keys @param {KeyStore} store */
export async function newcomer(keys, store) {
  if (keys.device && keys.chain?.devices.get(keys.device.dev)?.revoked) await store.forgetDevice(keys.user);
  return (keys.device = await store.ownDevice(keys.user));
}

/** The recovery key, as long as it is kept here: until somebody says that they have saved it. @param {OwnKeys} keys @returns {Promise<Bytes | null>} */
export async function recoverySecret({ user, store, chain }) {
  for (const { dev } of chain ? activeDevices(chain) : []) {
    const secret = await store?.recovery(user, dev);
    if (secret) return secret;
  }
  return null;
}

/** It was saved elsewhere, and checked. @param {OwnKeys} keys */
export async function recoverySaved({ user, store }) {
  await store?.forgetRecovery(user);
}
