/** Messages as the server sees them: sealed for whoever has the room's key, signed by the device that wrote them. */

import { concat, fromBase64url, fromUtf8, randomBytes, sha256, toBase64url, toUtf8 } from "./bytes.js";
import { base64url, checked, fixed, isUuid, NO_HASH, whole } from "./fields.js";
import { IV, TAG } from "./lengths.js";
import { LEAST_PADDED, MOST_PADDED, pad, unpad } from "./padding.js";
import { Refused } from "./refused.js";

/**
 * @typedef {object} Head what anybody may read of a message, and nobody change
 * @property {number} chat id of the room
 * @property {number} epoch from 0
 * @property {string} client_id a UUID in small letters
 * @property {string} dev the device that signs; 32 bytes in base64url
 * @property {number} ctr which message of this device in this room it is, from 1, without gaps
 * @property {number} seen_seq the newest message that the device had seen; 0 for none
 * @property {string} seen_hash the hash of its envelope; NO_HASH for none
 */
/** @typedef {Head & {v: number, alg: string, iv: string, ct: string, sig: string}} Envelope */

const VERSION = 1;
export const ALGORITHM = "A256GCM.Ed25519";

const SIGNATURE = 64;
const SIGNED = toUtf8("porch/v1/msg\0");
const HASHED = toUtf8("porch/v1/envelope\0");

/** In the order in which they are signed. */
const HEAD = {
  v: fixed(VERSION),
  alg: fixed(ALGORITHM),
  chat: whole(1),
  epoch: whole(0),
  client_id: isUuid,
  dev: base64url(32),
  ctr: whole(1),
  seen_seq: whole(0),
  seen_hash: base64url(32),
};
const WHOLE = { ...HEAD, iv: base64url(IV), ct: base64url(LEAST_PADDED + TAG, MOST_PADDED + TAG), sig: base64url(SIGNATURE) };

/**
 * Raises Refused: the name of a field of the head that is not as it has to be, `plain` for what is no JSON object,
 * `too_long` for what does not fit.
 * @param {object} message
 * @param {CryptoKey} message.key AES-GCM, 256 bits
 * @param {CryptoKey} message.signer private Ed25519
 * @param {Head} message.head
 * @param {object} message.plain what is said; as JSON
 * @returns {Promise<Envelope>}
 */
export async function sealMessage({ key, signer, head, plain }) {
  const fields = headOf({ ...head, v: VERSION, alg: ALGORITHM });
  const additional = additionalData(fields);
  const iv = randomBytes(IV);
  const padded = pad(toUtf8(written(plain)));
  const ct = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: additional }, key, padded));
  const sig = new Uint8Array(await crypto.subtle.sign("Ed25519", signer, concat(SIGNED, additional, iv, ct)));
  return { ...fields, iv: toBase64url(iv), ct: toBase64url(ct), sig: toBase64url(sig) };
}

/**
 * What was said. Raises Refused: `form` or the name of a field for another form, the name of a field for another value than
 * the expected one, `signature` for one that `verifier` did not make, `key` for what this key does not open, `padding`, and
 * `plain` for what is no JSON object.
 * @param {object} message
 * @param {CryptoKey} message.key AES-GCM, 256 bits
 * @param {CryptoKey} message.verifier public Ed25519, of the device that `expected.dev` names
 * @param {unknown} message.envelope as the server told it
 * @param {Partial<Head> & Pick<Head, "chat" | "epoch" | "dev">} message.expected what the reader knows by itself: the room it is in,
 *   whose `key` and whose `verifier` these are, and whatever else it knows
 * @returns {Promise<Record<string, unknown>>}
 */
export async function openMessage({ key, verifier, envelope, expected }) {
  const { fields, additional, iv, ct, sig } = parts(envelope);
  for (const name of /** @type {const} */ (["chat", "epoch", "dev"])) if (expected[name] === undefined) throw new Refused(name);
  for (const [name, value] of Object.entries(expected)) {
    if (fields[/** @type {keyof Head} */ (name)] !== value) throw new Refused(name);
  }
  if (!(await crypto.subtle.verify("Ed25519", verifier, sig, concat(SIGNED, additional, iv, ct)))) throw new Refused("signature");
  return read(fromUtf8(unpad(await opened(key, iv, additional, ct)), "plain"));
}

/**
 * What `seen_hash` says of a message: 32 bytes in base64url, of all of its envelope. Raises Refused as `openMessage` does for a form.
 * @param {unknown} envelope
 */
export async function envelopeHash(envelope) {
  const { additional, iv, ct, sig } = parts(envelope);
  return toBase64url(await sha256(concat(HASHED, additional, iv, ct, sig)));
}

/**
 * The head of an envelope, to look up its device and its key; nothing in it is known to be true before `openMessage`.
 * Raises Refused for a form.
 * @param {unknown} envelope
 * @returns {Head}
 */
export function claimedHead(envelope) {
  const { chat, epoch, client_id, dev, ctr, seen_seq, seen_hash } = parts(envelope).fields;
  return { chat, epoch, client_id, dev, ctr, seen_seq, seen_hash };
}

/** @param {unknown} envelope */
function parts(envelope) {
  const fields = /** @type {Envelope} */ (/** @type {unknown} */ (checked(envelope, WHOLE)));
  enforceSeen(fields);
  const iv = fromBase64url(fields.iv, "iv", IV);
  const ct = fromBase64url(fields.ct, "ct", LEAST_PADDED + TAG, MOST_PADDED + TAG);
  const sig = fromBase64url(fields.sig, "sig", SIGNATURE);
  return { fields, additional: additionalData(fields), iv, ct, sig };
}

/** @param {unknown} head */
function headOf(head) {
  const fields = /** @type {Head & {v: number, alg: string}} */ (/** @type {unknown} */ (checked(head, HEAD)));
  enforceSeen(fields);
  return fields;
}

/** @param {Head} head */
function enforceSeen({ seen_seq, seen_hash }) {
  if ((seen_seq === 0) !== (seen_hash === NO_HASH)) throw new Refused("seen_hash");
}

/** @param {Head & {v: number, alg: string}} fields only whole numbers and plain ASCII, so that JSON writes them in one way */
function additionalData(fields) {
  return toUtf8(JSON.stringify(Object.keys(HEAD).map((name) => fields[/** @type {keyof typeof HEAD} */ (name)])));
}

/** @param {CryptoKey} key @param {BufferSource} iv @param {BufferSource} additionalData @param {BufferSource} ct */
async function opened(key, iv, additionalData, ct) {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, ct));
  } catch {
    throw new Refused("key");
  }
}

/** @param {unknown} plain */
function written(plain) {
  if (!isObject(plain)) throw new Refused("plain");
  return JSON.stringify(plain);
}

/** @param {string} text @returns {Record<string, unknown>} */
function read(text) {
  try {
    const plain = JSON.parse(text);
    if (isObject(plain)) return plain;
  } catch {
    // Said below.
  }
  throw new Refused("plain");
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
