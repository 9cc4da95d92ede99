/** Private keys as PKCS #8 writes them (RFC 8410, section 7): what stands before the 32 bytes of a key, which differs in the curve alone. */

import { concat } from "./bytes.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/** The last arc of each curve's object identifier, 1.3.101. */
const CURVES = { Ed25519: 0x70, X25519: 0x6e };

/** @param {keyof typeof CURVES} curve @param {Bytes} seed 32 bytes */
export function toPkcs8(curve, seed) {
  return concat(Uint8Array.of(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, CURVES[curve], 0x04, 0x22, 0x04, 0x20), seed);
}
