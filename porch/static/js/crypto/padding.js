/** Padding to powers of two, so that a length tells little: four bytes of length, the content, zeros. */

import { concat } from "./bytes.js";
import { Refused } from "./refused.js";

const LENGTH = 4;
/** Bytes of the shortest and the longest padded message. */
export const LEAST_PADDED = 64;
export const MOST_PADDED = 65_536;

/**
 * Raises Refused (`too_long`) for more than fits.
 * @param {Uint8Array} content
 * @param {number} [most] bytes of the result
 */
export function pad(content, most = MOST_PADDED) {
  const size = paddedSize(content.length);
  if (size > most) throw new Refused("too_long");
  const length = new Uint8Array(LENGTH);
  new DataView(length.buffer).setUint32(0, content.length);
  return concat(length, content, new Uint8Array(size - LENGTH - content.length));
}

/**
 * Raises Refused (`padding`) for what `pad` does not make: there is one padded form of each content.
 * @param {Uint8Array} padded
 * @param {number} [most] as it was for `pad`
 */
export function unpad(padded, most = MOST_PADDED) {
  if (padded.length < LEAST_PADDED || padded.length > most) throw new Refused("padding");
  const length = new DataView(padded.buffer, padded.byteOffset, padded.length).getUint32(0);
  if (paddedSize(length) !== padded.length) throw new Refused("padding");
  if (padded.subarray(LENGTH + length).some((byte) => byte !== 0)) throw new Refused("padding");
  return padded.slice(LENGTH, LENGTH + length);
}

/** @param {number} length of a content, in bytes */
function paddedSize(length) {
  let size = LEAST_PADDED;
  while (size < LENGTH + length) size *= 2;
  return size;
}
