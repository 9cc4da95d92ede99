/** The keys of a room by epochs: made by one device, sealed for every device of every member, opened by each. */

import { fromBase64url, randomBytes, toBase64url, toUtf8 } from "../crypto/bytes.js";
import { base64url, checked, fixed, NO_HASH, whole } from "../crypto/fields.js";
import { openWith, sealTo } from "../crypto/hpke.js";
import { KEY, TAG } from "../crypto/lengths.js";
import { recipientFrom } from "../crypto/public_keys.js";
import { Refused } from "../crypto/refused.js";
import { enforceSignature, hashOf, signature } from "../crypto/signed.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("./device_chain.js").PublicDevice} PublicDevice */
/** @typedef {import("../crypto/hpke.js").Suite} Suite */
/** @typedef {{dev: string, enc: string, ct: string}} Wrap */
/** @typedef {{user: number, identity: string, end: string}} Named somebody for whom an epoch is; `end` is the hash of the newest entry that their chain had */
/** @typedef {Named & {devices: PublicDevice[]}} Member `devices`: those that are active at this end of their chain */
/**
 * @typedef {object} Epoch
 * @property {number} v
 * @property {number} chat
 * @property {number} epoch from 0, without gaps
 * @property {string} by_dev
 * @property {Named[]} members in the order of `user`, each once
 * @property {string} prev_epoch_hash NO_HASH for none
 * @property {string} key_hash of the key, so that all devices have the same one
 * @property {Wrap[]} wraps in the order of `dev`, each once
 * @property {string} sig_dsk
 */
/** @typedef {{epoch: number, hash: string}} Before the epoch before */

/** Of members and of wraps. */
const MOST_WRAPS = 1000;
const DAY = 24 * 60 * 60_000;
/** Milliseconds and messages after which a new epoch begins. */
export const LONGEST = 7 * DAY;
export const MOST_MESSAGES = 1000;
/** Milliseconds for which one that was just heard of is used, however old it is told to be. */
export const SHORTEST = DAY;

const HEAD = { v: fixed(1), chat: whole(1), epoch: whole(0), by_dev: base64url(32), members: Array.isArray, prev_epoch_hash: base64url(32), key_hash: base64url(32) };
const WHOLE = { ...HEAD, wraps: Array.isArray, sig_dsk: base64url(64) };
const NAMED = { user: whole(1), identity: base64url(32), end: base64url(32) };
const WRAP = { dev: base64url(32), enc: base64url(32), ct: base64url(KEY + TAG) };

/**
 * A new epoch for these members. Raises Refused: `members` for none, too many devices or one twice, `by_dev` when it is none of
 * theirs, `key` for a public key of another form.
 * @param {object} epoch
 * @param {Suite} epoch.suite
 * @param {number} epoch.chat
 * @param {Member[]} epoch.members
 * @param {{dev: string, signer: CryptoKey}} epoch.by
 * @param {Before | null} epoch.before null for the first
 * @returns {Promise<{epoch: Epoch, key: Bytes, before: Before}>} `key` for `messageKey` and the backup, `before` for the next
 */
export async function newEpoch({ suite, chat, members, by, before }) {
  const devices = devicesOf(members);
  if (!devices.some(({ dev }) => dev === by.dev)) throw new Refused("by_dev");
  const place = { epoch: before ? before.epoch + 1 : 0, prev_epoch_hash: before?.hash ?? NO_HASH };
  const key = randomBytes(KEY);
  const head = checked({ v: 1, chat, by_dev: by.dev, members: named(members), ...place, key_hash: await keyHash(key) }, HEAD);
  const wraps = await Promise.all(devices.map(async ({ dev, dhk_pub }) => {
    const { enc, ct } = await sealTo(suite, await recipientFrom(dhk_pub), wrapInfo(head, dev), key);
    return { dev, enc: toBase64url(enc), ct: toBase64url(ct) };
  }));
  const values = signedValues(head, wraps);
  const sig_dsk = await signature(by.signer, "porch/v1/epoch", values);
  const epoch = /** @type {Epoch} */ (/** @type {unknown} */ ({ ...head, wraps, sig_dsk }));
  return { epoch, key, before: { epoch: epoch.epoch, hash: await epochHash(epoch) } };
}

/**
 * An epoch that is what its maker signed, and follows the one before. Raises Refused: `form` or a field's name for another form, the
 * name of a field that is not as expected, `signature`.
 *
 * Whether it is for the right people is asked of `newEpochBecause`, before anything is sent in it.
 * @param {object} reading
 * @param {unknown} reading.epoch
 * @param {CryptoKey} reading.verifier public Ed25519, of the device that `expected.by_dev` names in a checked chain
 * @param {{chat: number, by_dev: string, before: Before | null}} reading.expected
 * @returns {Promise<{epoch: Epoch, before: Before}>}
 */
export async function verifyEpoch({ epoch: value, verifier, expected }) {
  const epoch = checkedEpoch(value);
  if (epoch.by_dev !== expected.by_dev) throw new Refused("by_dev");
  enforcePlace(epoch, expected);
  const { wraps, sig_dsk, ...head } = epoch;
  await enforceSignature(verifier, sig_dsk, "porch/v1/epoch", signedValues(head, wraps));
  return { epoch, before: { epoch: epoch.epoch, hash: await epochHash(epoch) } };
}

/**
 * An epoch whose maker is not known any more, or not yet: that it is where it has to be, so that those after it can be followed. Nothing
 * else in it is known to be true. Raises Refused as `verifyEpoch` does.
 * @param {unknown} value @param {{chat: number, before: Before | null}} expected
 * @returns {Promise<{epoch: Epoch, before: Before}>}
 */
export async function followEpoch(value, expected) {
  const epoch = checkedEpoch(value);
  enforcePlace(epoch, expected);
  return { epoch, before: { epoch: epoch.epoch, hash: await epochHash(epoch) } };
}

/**
 * The key of an epoch, as sealed for one's own device. Raises Refused as `verifyEpoch` does; and `missing` when there is none for this
 * device, `wrap` when it does not open, `key_hash` when another device may have got another key.
 * @param {object} opening
 * @param {Suite} opening.suite
 * @param {unknown} opening.epoch
 * @param {{dev: string, sealing: CryptoKeyPair}} opening.own
 * @param {CryptoKey} opening.verifier
 * @param {{chat: number, by_dev: string, before: Before | null}} opening.expected
 * @returns {Promise<{key: Bytes, before: Before}>}
 */
export async function openEpoch({ suite, epoch: value, own, verifier, expected }) {
  const { epoch, before } = await verifyEpoch({ epoch: value, verifier, expected });
  return { key: await openWrap(suite, epoch, own), before };
}

/**
 * The key of an epoch that was looked at before. Raises Refused: `form` or a field's name, `missing`, `wrap`, `key_hash`.
 * @param {Suite} suite @param {unknown} value @param {{dev: string, sealing: CryptoKeyPair}} own
 */
export async function openWrap(suite, value, own) {
  const { wraps, sig_dsk: _, ...head } = checkedEpoch(value);
  const wrap = wraps.find(({ dev }) => dev === own.dev);
  if (!wrap) throw new Refused("missing");
  const sealed = { enc: fromBase64url(wrap.enc, "enc", 32), ct: fromBase64url(wrap.ct, "ct", KEY + TAG) };
  const key = await openWith(suite, own.sealing, wrapInfo(head, own.dev), sealed);
  await enforceKey(head, key);
  return key;
}

/** Raises Refused (`key_hash`) for a key that is not the one of this epoch. @param {{key_hash?: unknown}} epoch @param {Bytes} key */
export async function enforceKey({ key_hash }, key) {
  if (key_hash !== (await keyHash(key))) throw new Refused("key_hash");
}

/**
 * Whether an epoch is for exactly these members and their active devices, by one of them. A chain that has gone on since makes another
 * member, also when its devices are the same again: whoever was let in and shut out meanwhile has been given the key.
 * @param {Epoch} epoch of a right form @param {(Named & {devices: {dev: string}[]})[]} members
 */
export function isFor(epoch, members) {
  const devices = members.flatMap((member) => member.devices.map(({ dev }) => dev)).sort();
  const same = (/** @type {unknown[]} */ one, /** @type {unknown[]} */ other) => JSON.stringify(one) === JSON.stringify(other);
  return same(epoch.members, named(members)) && same(epoch.wraps.map(({ dev }) => dev), devices) && devices.includes(epoch.by_dev);
}

/** What seals and opens messages of an epoch; it cannot be read out again. @param {Bytes} key */
export function messageKey(key) {
  if (key.length !== KEY) throw new Refused("key");
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** What `prev_epoch_hash` says of an epoch. Raises Refused as `openEpoch` does for a form. @param {unknown} value */
export async function epochHash(value) {
  const { wraps, sig_dsk, ...head } = checkedEpoch(value);
  return hashOf("porch/v1/epoch-hash", signedValues(head, wraps), sig_dsk);
}

/**
 * Why a new epoch has to begin before the next message, null when none has. Also for a new device, which could not read on otherwise.
 * @param {object} state
 * @param {Epoch} state.epoch of a right form
 * @param {Member[]} state.members who is there now
 * @param {number} state.began milliseconds, by one's own clock: as `beganAt` has it
 * @param {number} state.messages sent in it by anybody
 * @param {number} state.now
 * @returns {"members" | "age" | "messages" | null}
 */
export function newEpochBecause({ epoch, members, began, messages, now }) {
  if (!isFor(epoch, members)) return "members";
  // A clock that was put back must not keep an old key for ever.
  if (now - began >= LONGEST || now < began) return "age";
  return messages >= MOST_MESSAGES ? "messages" : null;
}

/**
 * When an epoch began, by one's own clock, as it is heard of first. The host's word makes it older by less than LONGEST, and never younger: if its
 * clock is wrong, or it lies, an epoch still lasts between SHORTEST and LONGEST from then on; else each of two people might begin one with every message.
 * @param {string} told when it began, by the host's clock @param {number} now milliseconds
 */
export function beganAt(told, now) {
  return Math.min(now, Math.max(Date.parse(told) || now, now - LONGEST + SHORTEST));
}

/** As an epoch names them, in whatever order they are given. @param {Named[]} members @returns {Named[]} */
function named(members) {
  return members.map(({ user, identity, end }) => ({ user, identity, end })).sort((one, other) => one.user - other.user);
}

/** All devices, in the order of their names. @param {Member[]} members */
function devicesOf(members) {
  const devices = members.flatMap((member) => member.devices).sort((one, other) => (one.dev < other.dev ? -1 : 1));
  const [users, names] = [new Set(members.map(({ user }) => user)), new Set(devices.map(({ dev }) => dev))];
  if (users.size !== members.length || names.size !== devices.length || names.size < 1 || names.size > MOST_WRAPS) throw new Refused("members");
  return devices;
}

/** @param {Epoch} epoch @param {{chat: number, before: Before | null}} expected */
function enforcePlace(epoch, { chat, before }) {
  if (epoch.chat !== chat) throw new Refused("chat");
  if (epoch.epoch !== (before ? before.epoch + 1 : 0)) throw new Refused("epoch");
  if (epoch.prev_epoch_hash !== (before?.hash ?? NO_HASH)) throw new Refused("prev_epoch_hash");
}

/** @param {unknown} value @returns {Epoch} */
function checkedEpoch(value) {
  const epoch = /** @type {Epoch} */ (/** @type {unknown} */ (checked(value, WHOLE)));
  /** @type {Named[]} */
  const members = ordered(epoch, "members", NAMED, "user");
  /** @type {Wrap[]} */
  const wraps = ordered(epoch, "wraps", WRAP, "dev");
  return { ...epoch, members, wraps };
}

/**
 * A list of an epoch. Raises Refused: as `checked` does for one of its parts, its name when it is empty or too long, or out of order.
 * @param {Epoch} epoch @param {"members" | "wraps"} name @param {Record<string, import("../crypto/fields.js").Form>} forms
 * @param {string} by the field that orders it, each value once
 * @returns {any[]}
 */
function ordered(epoch, name, forms, by) {
  const list = epoch[name];
  if (list.length < 1 || list.length > MOST_WRAPS) throw new Refused(name);
  const parts = list.map((part) => checked(part, forms));
  if (parts.some(({ [by]: value }, at) => at > 0 && /** @type {any} */ (value) <= /** @type {any} */ (parts[at - 1][by]))) throw new Refused(name);
  return parts;
}

/**
 * AES-GCM does not commit to its key: without this, whoever makes an epoch could give two devices a key each, and then write one
 * envelope that says something else to either.
 * @param {Bytes} key
 */
function keyHash(key) {
  return hashOf("porch/v1/epoch-key", [toBase64url(key)]);
}

/** @param {Record<string, unknown>} head @param {Wrap[]} wraps */
function signedValues(head, wraps) {
  return [...headValues(head), wraps.map(({ dev, enc, ct }) => [dev, enc, ct])];
}

/** A wrap opens in its own place only: in this room and epoch, by this maker, for these members, for this device. @param {Record<string, unknown>} head @param {string} dev */
function wrapInfo(head, dev) {
  return toUtf8(`porch/v1/wrap\0${JSON.stringify([...headValues(head), dev])}`);
}

/** @param {Record<string, unknown>} head */
function headValues(head) {
  const members = /** @type {Named[]} */ (head.members).map(({ user, identity, end }) => [user, identity, end]);
  return Object.keys(HEAD).map((name) => (name === "members" ? members : head[name]));
}
