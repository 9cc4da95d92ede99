/** The recovery key, as people write it down, and the backup that it opens. The login password never plays a part: the server sees it. */

import { concat, equal, fromBase64url, fromUtf8, randomBytes, sha256, toBase64url, toUtf8 } from "../crypto/bytes.js";
import { base64url, checked, fixed, whole } from "../crypto/fields.js";
import { derived } from "../crypto/hkdf.js";
import { IV, SECRET, TAG } from "../crypto/lengths.js";
import { LEAST_PADDED, pad, unpad } from "../crypto/padding.js";
import { Refused } from "../crypto/refused.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {{chat: number, epoch: number, key: string}} KeptEpoch `key`: 32 bytes in base64url */
/**
 * @typedef {object} Kept one of the first two, 32 bytes in base64url
 * @property {string} [identity] the seed of the identity key
 * @property {string} [public] the public identity key, where nobody has the seed any more
 * @property {KeptEpoch[]} epochs
 */
/** @typedef {{v: number, kdf: string, iv: string, ct: string}} Backup */

/** Without I, L, O and U, which are read as others (Crockford's base 32). */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK = 3;
const GROUP = 4;
const LENGTH = ((SECRET + CHECK) * 8) / 5;
const KDF = "HKDF-SHA256";
/** Bytes of the longest padded backup: room for some 40,000 epochs. */
const MOST_BACKUP = 4_194_304;
const FORMS = { v: fixed(1), kdf: fixed(KDF), iv: base64url(IV), ct: base64url(LEAST_PADDED + TAG, MOST_BACKUP + TAG) };
const KEPT = { identity: base64url(32), epochs: Array.isArray };
const WITHOUT_SEED = { public: base64url(32), epochs: Array.isArray };
const EPOCH = { chat: whole(1), epoch: whole(0), key: base64url(32) };

export function newRecoveryKey() {
  return randomBytes(SECRET);
}

/**
 * A recovery key to be written down: 14 groups of four letters and digits, the last five characters of which tell nearly all mistakes
 * (all but one of 16 million).
 * @param {Bytes} secret
 */
export async function toGroups(secret) {
  if (secret.length !== SECRET) throw new Refused("recovery_length");
  const text = toLetters(concat(secret, await checkOf(secret)));
  return Array.from({ length: LENGTH / GROUP }, (_, at) => text.slice(at * GROUP, (at + 1) * GROUP)).join(" ");
}

/** A recovery key, or a part of it, as it is written whatever way it was typed. @param {string} typed */
export function asWritten(typed) {
  return typed.toUpperCase().replace(/[\s\p{Dash}]/gu, "").replace(/[IL]/g, "1").replace(/O/g, "0");
}

/**
 * A recovery key as somebody typed it: in large or small letters, with any spaces and hyphens, I and L for 1, O for 0. Raises Refused:
 * `recovery_characters`, `recovery_length`, `recovery_checksum` for a mistake somewhere.
 * @param {string} typed
 * @returns {Promise<Bytes>}
 */
export async function fromGroups(typed) {
  const text = asWritten(typed);
  if (!/^[0-9A-HJKMNP-TV-Z]*$/.test(text)) throw new Refused("recovery_characters");
  if (text.length !== LENGTH) throw new Refused("recovery_length");
  const bytes = fromLetters(text);
  const secret = bytes.slice(0, SECRET);
  if (!equal(bytes.subarray(SECRET), await checkOf(secret))) throw new Refused("recovery_checksum");
  return secret;
}

/**
 * Raises Refused: `kept` for what is not as a backup has to be, `too_long`.
 * @param {Bytes} secret @param {number} user whose it is @param {Kept} kept
 * @returns {Promise<Backup>}
 */
export async function sealBackup(secret, user, kept) {
  const iv = randomBytes(IV);
  const how = { name: "AES-GCM", iv, additionalData: additionalData(user) };
  const padded = pad(toUtf8(JSON.stringify(checkedKept(kept))), MOST_BACKUP);
  const ct = await crypto.subtle.encrypt(how, await backupKey(secret), padded);
  return { v: 1, kdf: KDF, iv: toBase64url(iv), ct: toBase64url(new Uint8Array(ct)) };
}

/**
 * Raises Refused: `form` or the name of a field for another form, `key` for another recovery key, another person's backup or a damaged
 * one, `padding`, `kept`.
 * @param {Bytes} secret @param {number} user @param {unknown} backup as the server told it
 * @returns {Promise<Kept>}
 */
export async function openBackup(secret, user, backup) {
  const fields = checked(backup, FORMS);
  const iv = fromBase64url(fields.iv, "iv", IV);
  const ct = fromBase64url(fields.ct, "ct", LEAST_PADDED + TAG, MOST_BACKUP + TAG);
  const key = await backupKey(secret);
  const padded = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: additionalData(user) }, key, ct).catch(() => {
    throw new Refused("key");
  });
  return readKept(fromUtf8(unpad(new Uint8Array(padded), MOST_BACKUP), "kept"));
}

/** @param {Bytes} secret */
async function backupKey(secret) {
  const key = await derived(secret, "porch/v1/backup", "recovery_length");
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** @param {number} user */
function additionalData(user) {
  return toUtf8(JSON.stringify([1, KDF, user]));
}

/** @param {string} text */
function readKept(text) {
  let kept;
  try {
    kept = JSON.parse(text);
  } catch {
    throw new Refused("kept");
  }
  return checkedKept(kept);
}

/** @param {unknown} value @returns {Kept} */
function checkedKept(value) {
  try {
    const forms = Object.hasOwn(/** @type {object} */ (value), "public") ? WITHOUT_SEED : KEPT;
    const { epochs, ...which } = /** @type {Kept} */ (/** @type {unknown} */ (checked(value, forms)));
    return { ...which, epochs: epochs.map((epoch) => /** @type {KeptEpoch} */ (/** @type {unknown} */ (checked(epoch, EPOCH)))) };
  } catch {
    throw new Refused("kept");
  }
}

/** @param {Bytes} secret */
async function checkOf(secret) {
  return (await sha256(concat(toUtf8("porch/v1/recovery-check\0"), secret))).slice(0, CHECK);
}

/** @param {Uint8Array} bytes a multiple of five */
function toLetters(bytes) {
  let text = "";
  let [held, bits] = [0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += LETTERS[(held >> (bits - 5)) & 31];
  }
  return text;
}

/** @param {string} text of LETTERS, a multiple of eight */
function fromLetters(text) {
  const bytes = new Uint8Array((text.length * 5) / 8);
  let [held, bits, at] = [0, 0, 0];
  for (const letter of text) {
    held = ((held << 5) | LETTERS.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = held >> bits;
    at += 1;
  }
  return bytes;
}
