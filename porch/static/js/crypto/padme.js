/**
 * Padding of files, as Padmé has it (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
 * 2019): of a length so many leading bits are kept as that leaves hardly more to tell than its order of magnitude. It costs at most
 * 6 %, from 64 KiB on 3; powers of two would cost up to all of it again, and of a file that is somebody's line and disk.
 */

/** Bytes of the shortest padded file. */
const LEAST = 1024;

/** @param {number} length bytes, below 2^31 @returns {number} those of the padded content */
export function paddedLength(length) {
  if (length <= LEAST) return LEAST;
  const exponent = Math.floor(Math.log2(length));
  const step = 2 ** (exponent - (Math.floor(Math.log2(exponent)) + 1));
  return Math.ceil(length / step) * step;
}
