/**
 * Published vectors against what the scripts build on: WebCrypto, and the library for HPKE. For Node (`vectors.test.js`) and a
 * browser (`tests/browser/test_encryption.py`); each check answers with the ids of the vectors that came out otherwise.
 */

import { hpkeSuite } from "../../porch/static/js/crypto/hpke.js";

const { subtle } = crypto;
export const FILES = ["aes_gcm_256", "ed25519", "hkdf_sha256", "x25519", "hpke_x25519_sha256_aes256gcm"];

/** @typedef {Record<string, any>} Vector */

/** @param {string} hex */
function bytes(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @param {ArrayBuffer | Uint8Array} content */
function hex(content) {
  return Array.from(new Uint8Array(content), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Of `acceptable` vectors a library may think either way, but never give another result.
 * @param {Vector[]} vectors @param {(vector: Vector) => Promise<boolean>} holds rejected for what was refused
 */
async function differing(vectors, holds) {
  const found = [];
  for (const vector of vectors) {
    const outcome = await holds(vector).then((is) => (is ? "valid" : "wrong"), () => "refused");
    const fine = vector.result === "acceptable" ? outcome !== "wrong" : (outcome === "valid") === (vector.result === "valid");
    if (!fine) found.push(vector.tcId);
  }
  return found;
}

/** @type {Record<string, (vectors: Vector[], library: import("../../porch/static/js/crypto/hpke.js").Library) => Promise<unknown[]>>} */
export const CHECKS = {
  aes_gcm_256: (vectors) => differing(vectors, async ({ key, iv, aad, msg, ct, tag }) => {
    const used = await subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    const how = { name: "AES-GCM", iv: bytes(iv), additionalData: bytes(aad) };
    const opened = hex(await subtle.decrypt(how, used, bytes(ct + tag)));
    return opened === msg && hex(await subtle.encrypt(how, used, bytes(msg))) === ct + tag;
  }),
  ed25519: (vectors) => differing(vectors, async ({ pk, msg, sig }) => (
    subtle.verify("Ed25519", await subtle.importKey("raw", bytes(pk), "Ed25519", false, ["verify"]), bytes(sig), bytes(msg))
  )),
  hkdf_sha256: (vectors) => differing(vectors, async ({ ikm, salt, info, size, okm }) => {
    const base = await subtle.importKey("raw", bytes(ikm), "HKDF", false, ["deriveBits"]);
    return hex(await subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: bytes(salt), info: bytes(info) }, base, size * 8)) === okm;
  }),
  x25519: (vectors) => differing(vectors, async (vector) => {
    const known = await subtle.importKey("raw", bytes(vector.public), "X25519", false, []);
    const own = await x25519Private(vector.private);
    return hex(await subtle.deriveBits({ name: "X25519", public: known }, own, 256)) === vector.shared;
  }),
  async hpke_x25519_sha256_aes256gcm([vector], library) {
    const suite = /** @type {any} */ (hpkeSuite(library));
    const recipientPublicKey = await subtle.importKey("raw", bytes(vector.pkRm), "X25519", true, []);
    const recipientKey = { privateKey: await x25519Private(vector.skRm), publicKey: recipientPublicKey };
    const info = bytes(vector.info);
    const sender = await suite.createSenderContext({ recipientPublicKey, info, ekm: bytes(vector.ikmE) });
    const recipient = await suite.createRecipientContext({ recipientKey, info, enc: bytes(vector.enc) });
    const found = [];
    if (hex(sender.enc) !== vector.enc) found.push("enc");
    for (const [at, { aad, ct, pt }] of vector.encryptions.entries()) {
      if (hex(await sender.seal(bytes(pt), bytes(aad))) !== ct) found.push(`seal ${at}`);
      if (hex(await recipient.open(bytes(ct), bytes(aad))) !== pt) found.push(`open ${at}`);
    }
    for (const { exporter_context: context, L: length, exported_value: value } of vector.exports) {
      if (hex(await recipient.export(bytes(context), length)) !== value) found.push(`export ${context}`);
    }
    return found;
  },
};

/** Not extractable, as a device's is. @param {string} scalar */
function x25519Private(scalar) {
  return subtle.importKey("pkcs8", bytes(`302e020100300506032b656e04220420${scalar}`), "X25519", false, ["deriveBits"]);
}
