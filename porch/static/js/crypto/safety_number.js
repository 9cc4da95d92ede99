/** The safety number: what two people compare, by eye or by camera, to know that nobody is between them. */

import { toUtf8 } from "./bytes.js";

/** @typedef {{user: number, identity: string}} Account `identity`: the public identity key in base64url */

const GROUPS = 12;

/**
 * 60 digits in 12 groups, the same for both whoever computes it.
 * @param {Account} one @param {Account} other
 */
export async function safetyNumber(one, other) {
  const both = [one, other].sort((first, second) => first.user - second.user).map(({ user, identity }) => [user, identity]);
  const hash = await crypto.subtle.digest("SHA-512", toUtf8(`porch/v1/safety\0${JSON.stringify(both)}`));
  const bytes = new DataView(hash);
  const group = (/** @type {number} */ at) => (bytes.getUint8(at * 5) * 2 ** 32 + bytes.getUint32(at * 5 + 1)) % 100_000;
  return Array.from({ length: GROUPS }, (_, at) => String(group(at)).padStart(5, "0")).join(" ");
}
