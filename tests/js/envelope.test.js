/** An envelope is opened as it was sealed, by whom it is for, or not at all. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromBase64url, toBase64url, toUtf8 } from "../../porch/static/js/crypto/bytes.js";
import { ALGORITHM, claimedHead, envelopeHash, openMessage, sealMessage } from "../../porch/static/js/crypto/envelope.js";
import { NO_HASH } from "../../porch/static/js/crypto/fields.js";
import { MOST_PADDED } from "../../porch/static/js/crypto/padding.js";

/** @import { Envelope, Head } from "../../porch/static/js/crypto/envelope.js" */

const { subtle } = crypto;
const aesKey = () => /** @type {Promise<CryptoKey>} */ (subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
const signingPair = () => /** @type {Promise<CryptoKeyPair>} */ (subtle.generateKey("Ed25519", false, ["sign", "verify"]));

const key = await aesKey();
const { privateKey: signer, publicKey: verifier } = await signingPair();
const dev = toBase64url(new Uint8Array(await subtle.exportKey("raw", verifier)));
/** @type {Head} */
const HEAD = { chat: 7, epoch: 3, client_id: "0e6f2f0e-5d1c-4a53-9d3b-0c0f0b6f6a11", dev, ctr: 12, seen_seq: 40, seen_hash: toBase64url(new Uint8Array(32).fill(5)) };
const PLAIN = { text: "The mast is up.\0\ufeff 👩‍👧", reply_to: null, files: [] };
const EXPECTED = { chat: 7, epoch: 3, dev };

/** @param {Partial<Head>} [head] @param {object} [plain] */
const sealed = (head = {}, plain = PLAIN) => sealMessage({ key, signer, head: { ...HEAD, ...head }, plain });
/** @param {unknown} envelope @param {object} [other] */
const open = (envelope, other = {}) => openMessage({ key, verifier, envelope, expected: EXPECTED, ...other });
/** @param {string} code */
const refused = (code) => ({ name: "Refused", code });

const envelope = await sealed();

test("an envelope opens to what was sealed, also after it was JSON", async () => {
  assert.deepEqual(await open(envelope), PLAIN);
  assert.deepEqual(await open(JSON.parse(JSON.stringify(envelope))), PLAIN);
});

test("any JSON comes back, also half a pair of code units", async () => {
  for (const plain of [{}, { text: "\ud800" }, { a: [1, { b: null }], text: "é".repeat(9000) }]) assert.deepEqual(await open(await sealed({}, plain)), plain);
});

test("neither a length nor a field tells what is said", async () => {
  const lengths = await Promise.all(["", "yes", "no, never"].map(async (text) => (await sealed({}, { text })).ct.length));
  assert.equal(new Set(lengths).size, 1);
  assert.ok(!JSON.stringify(envelope).includes("mast"));
});

test("the same message is never sealed alike", async () => {
  const [one, other] = [await sealed(), await sealed()];
  assert.notEqual(one.iv, other.iv);
  assert.notEqual(one.ct, other.ct);
});

test("what is signed and what goes with the ciphertext is as it is written down", async () => {
  const additional = toUtf8(`[1,"A256GCM.Ed25519",7,3,"${HEAD.client_id}","${dev}",12,40,"${HEAD.seen_hash}"]`);
  const [iv, ct, sig] = [envelope.iv, envelope.ct, envelope.sig].map((text) => fromBase64url(text, "x", 0, 100_000));
  assert.ok(await subtle.verify("Ed25519", verifier, sig, concat(toUtf8("porch/v1/msg\0"), additional, iv, ct)));
  const padded = new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv, additionalData: additional }, key, ct));
  const content = toUtf8(JSON.stringify(PLAIN));
  assert.equal(padded.length, 128);
  assert.deepEqual(padded, concat(Uint8Array.of(0, 0, 0, content.length), content, new Uint8Array(124 - content.length)));
  const hash = await subtle.digest("SHA-256", concat(toUtf8("porch/v1/envelope\0"), additional, iv, ct, sig));
  assert.equal(await envelopeHash(envelope), toBase64url(new Uint8Array(hash)));
});

/** Another value of the same form. @type {Record<keyof Envelope, unknown>} */
const OTHERS = {
  v: 2, alg: `${ALGORITHM}x`, chat: 8, epoch: 4, client_id: "1e6f2f0e-5d1c-4a53-9d3b-0c0f0b6f6a11", dev: flipped(dev, 0), ctr: 13, seen_seq: 41,
  seen_hash: flipped(HEAD.seen_hash, 0), iv: flipped(envelope.iv, 0), ct: flipped(envelope.ct, 0), sig: flipped(envelope.sig, 0),
};

for (const [name, value] of Object.entries(OTHERS)) {
  test(`another ${name} is refused`, async () => {
    const changed = { ...envelope, [name]: value };
    const code = { v: "v", alg: "alg", chat: "chat", epoch: "epoch", dev: "dev" }[name] ?? "signature";
    await assert.rejects(open(changed), refused(code));
    // Also when the reader would believe it.
    if (code === name && !["v", "alg"].includes(name)) {
      await assert.rejects(open(changed, { expected: { ...EXPECTED, [name]: value } }), refused("signature"));
    }
  });
  test(`an envelope without ${name}, or with another kind of it, is refused`, async () => {
    const { [/** @type {keyof Envelope} */ (name)]: _, ...without } = envelope;
    await assert.rejects(open(without), refused("form"));
    for (const kind of [null, undefined, "", "A", -1, -0, 1.5, NaN, 2 ** 53, true, [value], { value }, "A".repeat(200_000), `${value} `, `${value}`.toUpperCase() + "="]) {
      await assert.rejects(open({ ...envelope, [name]: kind }), refused(name), String(kind).slice(0, 40));
    }
  });
}

/** @param {string} text base64url @param {number} bit */
function flipped(text, bit) {
  const bytes = fromBase64url(text, "x", 0, 100_000);
  bytes[bit >> 3] ^= 1 << (bit & 7);
  return toBase64url(bytes);
}

for (const name of /** @type {const} */ (["seen_hash", "iv", "ct", "sig"])) {
  test(`each bit of ${name} counts`, async () => {
    const bits = fromBase64url(envelope[name], "x", 0, 100_000).length * 8;
    for (let bit = 0; bit < bits; bit += 1) await assert.rejects(open({ ...envelope, [name]: flipped(envelope[name], bit) }), refused("signature"));
  });
}

for (const [what, value] of Object.entries({
  "null": null, "a text": JSON.stringify(envelope), "a list": Object.values(envelope), "nothing in it": {},
  "a field too many": { ...envelope, more: 1 }, "a field of its prototype": Object.create(envelope),
})) test(`what is no envelope is refused: ${what}`, () => assert.rejects(open(value), refused("form")));

test("signed again by whoever changed it, a field is refused by the ciphertext itself", async () => {
  for (const [name, value] of Object.entries({ client_id: OTHERS.client_id, ctr: 13, seen_seq: 41, seen_hash: OTHERS.seen_hash, chat: 8, epoch: 4 })) {
    const fields = { ...envelope, [name]: value };
    const { iv, ct, sig: _, ...head } = fields;
    const [ivBytes, ctBytes] = [fromBase64url(iv, "x", 12), fromBase64url(ct, "x", 0, 1000)];
    const signed = concat(toUtf8("porch/v1/msg\0"), toUtf8(JSON.stringify(Object.values(head))), ivBytes, ctBytes);
    const sig = toBase64url(new Uint8Array(await subtle.sign("Ed25519", signer, signed)));
    await assert.rejects(open({ ...fields, sig }, { expected: { ...EXPECTED, chat: fields.chat, epoch: fields.epoch } }), refused("key"));
  }
});

test("another device's signature and another room's key are refused", async () => {
  const stranger = await signingPair();
  await assert.rejects(open(envelope, { verifier: stranger.publicKey }), refused("signature"));
  await assert.rejects(open(await sealMessage({ key, signer: stranger.privateKey, head: HEAD, plain: PLAIN })), refused("signature"));
  await assert.rejects(open(envelope, { key: await aesKey() }), refused("key"));
});

test("all that the reader expects is compared, and room, epoch and device have to be", async () => {
  assert.deepEqual(await open(envelope, { expected: { ...HEAD } }), PLAIN);
  await assert.rejects(open(envelope, { expected: { ...HEAD, ctr: 11 } }), refused("ctr"));
  for (const name of /** @type {const} */ (["chat", "epoch", "dev"])) {
    const { [name]: _, ...fewer } = EXPECTED;
    for (const expected of [fewer, { ...EXPECTED, [name]: undefined }]) await assert.rejects(open(envelope, { expected }), refused(name));
  }
});

test("seen_hash is nothing exactly when nothing was seen", async () => {
  assert.deepEqual(await open(await sealed({ seen_seq: 0, seen_hash: NO_HASH })), PLAIN);
  await assert.rejects(sealed({ seen_seq: 0 }), refused("seen_hash"));
  await assert.rejects(sealed({ seen_hash: NO_HASH }), refused("seen_hash"));
  await assert.rejects(open({ ...envelope, seen_seq: 0 }), refused("seen_hash"));
});

test("what has another form is not sealed either", async () => {
  await assert.rejects(sealed({ ctr: 0 }), refused("ctr"));
  await assert.rejects(sealed({ dev: "me" }), refused("dev"));
  await assert.rejects(sealed({ client_id: HEAD.client_id.toUpperCase() }), refused("client_id"));
  await assert.rejects(sealed(/** @type {any} */ ({ more: 1 })), refused("form"));
  await assert.rejects(sealed({}, /** @type {any} */ ("text")), refused("plain"));
  await assert.rejects(sealed({}, []), refused("plain"));
  await assert.rejects(sealed({}, { text: "x".repeat(MOST_PADDED) }), refused("too_long"));
});

test("sealed by somebody who has the key, nonsense is refused", async () => {
  /** @param {string} text */
  const nonsense = async (text) => {
    const { iv: _, ct: __, sig: ___, ...head } = envelope;
    const [additional, iv, content] = [toUtf8(JSON.stringify(Object.values(head))), new Uint8Array(12), toUtf8(text)];
    const padded = concat(Uint8Array.of(0, 0, 0, content.length), content, new Uint8Array(60 - content.length));
    const ct = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData: additional }, key, padded));
    const sig = new Uint8Array(await subtle.sign("Ed25519", signer, concat(toUtf8("porch/v1/msg\0"), additional, iv, ct)));
    return open({ ...head, iv: toBase64url(iv), ct: toBase64url(ct), sig: toBase64url(sig) });
  };
  assert.deepEqual(await nonsense('{"text":"x"}'), { text: "x" });
  for (const text of ["", "{", "null", "7", "[]", '"x"']) await assert.rejects(nonsense(text), refused("plain"));
});

test("the hash is of all of an envelope", async () => {
  const hash = await envelopeHash(envelope);
  assert.match(hash, /^[\w-]{43}$/);
  for (const [name, value] of Object.entries(OTHERS)) {
    if (["v", "alg"].includes(name)) await assert.rejects(envelopeHash({ ...envelope, [name]: value }), refused(name));
    else assert.notEqual(await envelopeHash({ ...envelope, [name]: value }), hash, name);
  }
});

test("the claimed head is what the envelope says, if it has the form of one", () => {
  assert.deepEqual(claimedHead(envelope), HEAD);
  assert.throws(() => claimedHead({ ...envelope, ctr: "12" }), refused("ctr"));
});
