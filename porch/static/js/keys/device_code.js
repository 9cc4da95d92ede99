/** What two browsers of one person show, for them to compare before one lets the other in. */

import { sha256, toUtf8 } from "../crypto/bytes.js";

/**
 * @typedef {object} Asking
 * @property {number} user
 * @property {string} identity the account's public identity key as this browser knows it: whoever lets in by its own, whoever asks by what
 *   it was told, so that equal codes say that this was true as well
 * @property {string} dev the device that asks
 */

const GROUPS = 6;

/** 24 digits in 6 groups of 4: what a host could find by trying in 2^80 tries. @param {Asking} asking */
export async function deviceCode({ user, identity, dev }) {
  const hash = await sha256(toUtf8(`porch/v1/device-code\0${JSON.stringify([user, identity, dev])}`));
  const bytes = new DataView(hash.buffer);
  return Array.from({ length: GROUPS }, (_, at) => String(bytes.getUint32(at * 4) % 10_000).padStart(4, "0")).join(" ");
}
