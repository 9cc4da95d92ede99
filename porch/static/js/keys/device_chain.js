/** An account's devices: a chain of signed entries that only grows, checked from its beginning by whoever reads it. */

import { base64url, checked, fixed, NO_HASH, whole } from "../crypto/fields.js";
import { deviceName, verifierFrom } from "../crypto/public_keys.js";
import { Refused } from "../crypto/refused.js";
import { enforceSignature, hashOf, signature } from "../crypto/signed.js";

/** @typedef {{dev: string, dsk_pub: string, dhk_pub: string}} PublicDevice */
/**
 * @typedef {object} Fields of an entry
 * @property {number} v
 * @property {string} act `add` or `revoke`
 * @property {number} user
 * @property {string} dev
 * @property {string} dsk_pub
 * @property {string} dhk_pub
 * @property {number} created milliseconds, by the clock of who signs: to be shown, never to be relied on
 * @property {number} n from 0, without gaps
 * @property {string} prev_hash of the entry before; NO_HASH for none
 * @property {string} by the device that signs, or IDENTITY
 */
/** @typedef {Fields & {sig: string}} Entry */
/** @typedef {{n: number, hash: string}} End the newest entry that somebody knows */
/** @typedef {PublicDevice & {created: number, revoked: boolean}} HeldDevice */
/** @typedef {{hash: string, active: HeldDevice[]}} Step an entry's hash, and which devices were active once it stood there, in the order of their names */
/** @typedef {{user: number, devices: Map<string, HeldDevice>, steps: Step[], end: End | null}} Chain `end` is null for a chain without entries */

/** Stands in `by` for the account's identity key. */
export const IDENTITY = "identity";
/** Entries of one chain; checking them takes a second or so on a phone. */
export const MOST_ENTRIES = 1000;

const LABEL = "porch/v1/device";
const HASHED = "porch/v1/device-hash";
const FORMS = {
  v: fixed(1),
  act: (/** @type {unknown} */ value) => value === "add" || value === "revoke",
  user: whole(1),
  dev: base64url(32),
  dsk_pub: base64url(32),
  dhk_pub: base64url(32),
  created: whole(0),
  n: whole(0, MOST_ENTRIES - 1),
  prev_hash: base64url(32),
  by: (/** @type {unknown} */ value) => value === IDENTITY || base64url(32)(value),
};

/** A chain without entries. @param {number} user @returns {Chain} */
export function emptyChain(user) {
  return { user, devices: new Map(), steps: [], end: null };
}

/**
 * What a chain says of its devices. Raises Refused: `form`, the name of a field, or `signature`, for an entry that is not as it has
 * to be; `length` for too many; `rollback` for a chain that does not go on from `known`, so that an entry is never taken back.
 * @param {object} chain
 * @param {number} chain.user
 * @param {CryptoKey} chain.identity the account's public identity key, as it is pinned
 * @param {unknown} chain.entries from the first on
 * @param {End | null} [chain.known] the end that was seen before
 * @returns {Promise<Chain>}
 */
export async function verifyChain({ user, identity, entries, known = null }) {
  if (!Array.isArray(entries)) throw new Refused("form");
  if (entries.length > MOST_ENTRIES) throw new Refused("length");
  let chain = emptyChain(user);
  let goesOn = known === null;
  for (const entry of entries) {
    chain = await withEntry(chain, identity, entry);
    goesOn ||= chain.end?.n === known?.n && chain.end?.hash === known?.hash;
  }
  if (!goesOn) throw new Refused("rollback");
  return chain;
}

/**
 * A chain with one entry more. Raises Refused as `verifyChain` does; the chain that was given stays as it is.
 * @param {Chain} chain @param {CryptoKey} identity @param {unknown} value
 * @returns {Promise<Chain>}
 */
export async function withEntry(chain, identity, value) {
  const entry = /** @type {Entry} */ (/** @type {unknown} */ (checked(value, { ...FORMS, sig: base64url(64) })));
  const { sig, ...fields } = entry;
  if (entry.user !== chain.user) throw new Refused("user");
  if (entry.n !== nextNumber(chain)) throw new Refused("n");
  if (entry.prev_hash !== (chain.end?.hash ?? NO_HASH)) throw new Refused("prev_hash");
  await enforceSignature(await signerOf(chain, identity, entry.by), sig, LABEL, Object.values(fields));
  const devices = new Map(chain.devices).set(entry.dev, await changed(chain, entry));
  const hash = await hashOf(HASHED, Object.values(fields), sig);
  const steps = [...chain.steps, { hash, active: activeDevices({ devices }) }];
  return { user: chain.user, devices, steps, end: { n: entry.n, hash } };
}

/**
 * The next entry of a chain. Raises Refused as `withEntry` does for what a reader would refuse.
 * @param {object} entry
 * @param {Chain} entry.chain
 * @param {"add" | "revoke"} entry.act
 * @param {PublicDevice} entry.device
 * @param {number} entry.created milliseconds
 * @param {string} entry.by
 * @param {CryptoKey} entry.signer private Ed25519, of `by`
 * @param {CryptoKey} entry.identity
 * @returns {Promise<{entry: Entry, chain: Chain}>} the entry, and the chain with it
 */
export async function signEntry({ chain, act, device: { dev, dsk_pub, dhk_pub }, created, by, signer, identity }) {
  const place = { n: nextNumber(chain), prev_hash: chain.end?.hash ?? NO_HASH, by };
  const fields = checked({ v: 1, act, user: chain.user, dev, dsk_pub, dhk_pub, created, ...place }, FORMS);
  const entry = /** @type {Entry} */ ({ ...fields, sig: await signature(signer, LABEL, Object.values(fields)) });
  return { entry, chain: await withEntry(chain, identity, entry) };
}

/** The devices that may sign and are sealed for, in the order of their names. @param {Pick<Chain, "devices">} chain */
export function activeDevices({ devices }) {
  return [...devices.values()].filter(({ revoked }) => !revoked).sort((one, other) => (one.dev < other.dev ? -1 : 1));
}

/** @param {Chain} chain */
function nextNumber({ end }) {
  return end ? end.n + 1 : 0;
}

/** Who may sign: the identity key always, a device while the chain holds it. @param {Chain} chain @param {CryptoKey} identity @param {string} by */
function signerOf(chain, identity, by) {
  if (by === IDENTITY) return identity;
  const device = chain.devices.get(by);
  if (!device || device.revoked) throw new Refused("by");
  return verifierFrom(device.dsk_pub);
}

/** @param {Chain} chain @param {Entry} entry @returns {Promise<HeldDevice>} */
async function changed(chain, { act, user, dev, dsk_pub, dhk_pub, created }) {
  if (dev !== (await deviceName(user, dsk_pub, dhk_pub))) throw new Refused("dev");
  const held = chain.devices.get(dev);
  // Whoever was revoked stays so: a device that comes back makes new keys.
  if (act === "add" && !held) return { dev, dsk_pub, dhk_pub, created, revoked: false };
  if (act === "revoke" && held && !held.revoked) return { ...held, revoked: true };
  throw new Refused("act");
}
