/** A locked file comes back as it was, for the chat that it was locked for, or not at all; and its length tells little. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromBase64url, randomBytes, sha256, toBase64url, toUtf8 } from "../../porch/static/js/crypto/bytes.js";
import { lockedLength, lockFile, unlockFile } from "../../porch/static/js/crypto/file_lock.js";
import { paddedLength } from "../../porch/static/js/crypto/padme.js";
import { otherBit } from "./key_factories.js";

const CHAT = 7;
const content = randomBytes(5000);
const { ciphertext, lock } = await lockFile(CHAT, content);
const file = { size: content.length, lock };
/** @param {string} code */
const refused = (code) => ({ name: "Refused", code });

test("every content comes back, and its size is that of none alone", async () => {
  for (const size of [1, 1023, 1024, 1025, 5000, 60_001]) {
    const one = randomBytes(size);
    const locked = await lockFile(CHAT, one);
    assert.deepEqual(await unlockFile(CHAT, { size, lock: locked.lock }, locked.ciphertext), one);
    assert.equal(locked.ciphertext.length, lockedLength(size));
  }
  assert.equal(lockedLength(1), lockedLength(1024));
});

test("no two files have a key or an iv in common", async () => {
  const other = (await lockFile(CHAT, content)).lock;
  for (const name of /** @type {const} */ (["key", "iv", "sha256"])) assert.notEqual(other[name], lock[name]);
});

test("it is encrypted as it is written down", async () => {
  const [raw, iv] = [fromBase64url(lock.key, "key", 32), fromBase64url(lock.iv, "iv", 12)];
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const padded = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: toUtf8("porch/v1/file\0[7]") }, key, ciphertext));
  assert.deepEqual(padded, concat(content, new Uint8Array(5120 - 5000)));
  assert.equal(lock.sha256, toBase64url(await sha256(ciphertext)));
});

for (const name of /** @type {const} */ (["key", "iv", "sha256"])) {
  test(`another ${name} opens nothing`, async () => {
    const code = name === "sha256" ? "sha256" : "key";
    await assert.rejects(unlockFile(CHAT, { ...file, lock: { ...lock, [name]: otherBit(lock[name]) } }, ciphertext), refused(code));
    await assert.rejects(unlockFile(CHAT, { ...file, lock: { ...lock, [name]: `${lock[name]}A` } }, ciphertext), refused(name));
  });
}

test("other bytes are refused before they are decrypted, wherever the change is", async () => {
  for (const at of [0, 2500, ciphertext.length - 1]) {
    const changed = ciphertext.slice();
    changed[at] ^= 1;
    await assert.rejects(unlockFile(CHAT, file, changed), refused("sha256"));
    // Whoever could change the hash, too, would need the key.
    const hash = toBase64url(await sha256(changed));
    await assert.rejects(unlockFile(CHAT, { ...file, lock: { ...lock, sha256: hash } }, changed), refused("key"));
  }
});

test("a file of another chat is refused", () => assert.rejects(unlockFile(CHAT + 1, file, ciphertext), refused("key")));

test("another length is refused", async () => {
  for (const other of [ciphertext.slice(1), concat(ciphertext, new Uint8Array(1)), new Uint8Array(0)]) await assert.rejects(unlockFile(CHAT, file, other), refused("size"));
  await assert.rejects(unlockFile(CHAT, { ...file, size: 5121 }, ciphertext), refused("size"));
});

test("a size that hides a part of the content is refused", () => assert.rejects(unlockFile(CHAT, { ...file, size: 4990 }, ciphertext), refused("padding")));

test("padding grows with the length, costs at most a sixteenth, and leaves few lengths", () => {
  let before = 0;
  const sizes = new Set();
  for (let length = 1; length < 2 ** 31; length = Math.ceil(length * 1.003)) {
    const padded = paddedLength(length);
    assert.ok(padded >= Math.max(length, before) && padded <= Math.max(1024, length * 1.0625), String(length));
    assert.equal(paddedLength(padded), padded);
    before = padded;
    if (length >= 1e6 && length < 2e6) sizes.add(padded);
  }
  assert.ok(sizes.size <= 33);
  assert.deepEqual([1025, 25_000_000, 2 ** 31 - 1].map(paddedLength), [1088, 25_165_824, 2 ** 31]);
});
