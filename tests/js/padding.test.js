/** Padding hides lengths, gives back what went in, and takes nothing that it did not make. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBytes } from "../../porch/static/js/crypto/bytes.js";
import { LEAST_PADDED, MOST_PADDED, pad, unpad } from "../../porch/static/js/crypto/padding.js";

test("every content comes back", () => {
  for (const length of [...Array(300).keys(), 1020, 1021, MOST_PADDED - 5, MOST_PADDED - 4]) {
    const content = randomBytes(length);
    assert.deepEqual(unpad(pad(content)), content);
  }
});

test("lengths are powers of two, from 64 bytes on", () => {
  const sizes = [0, 1, 60, 61, 124, 125, 4000].map((length) => pad(new Uint8Array(length)).length);
  assert.deepEqual(sizes, [64, 64, 64, 128, 128, 256, 4096]);
  assert.equal(LEAST_PADDED, 64);
});

test("zeros at the end of a content are part of it", () => {
  assert.deepEqual(unpad(pad(Uint8Array.of(1, 0, 0))), Uint8Array.of(1, 0, 0));
});

test("what is too long is refused", () => {
  assert.throws(() => pad(new Uint8Array(MOST_PADDED - 3)), { name: "Refused", code: "too_long" });
});

test("a padded content may lie within other bytes", () => {
  const around = new Uint8Array(100);
  around.set(pad(Uint8Array.of(7)), 9);
  assert.deepEqual(unpad(around.subarray(9, 73)), Uint8Array.of(7));
});

/** @param {(padded: Uint8Array) => Uint8Array} change */
const damaged = (change) => change(pad(Uint8Array.of(1, 2, 3)));

for (const [what, padded] of Object.entries({
  "nothing": new Uint8Array(0),
  "too short": new Uint8Array(63),
  "no power of two": damaged((padded) => new Uint8Array([...padded, 0])),
  "one power too many": damaged((padded) => new Uint8Array([...padded, ...new Uint8Array(64)])),
  "too long": new Uint8Array(2 * MOST_PADDED),
  "a length of more than there is": damaged((padded) => padded.fill(61, 3, 4)),
  "a huge length": damaged((padded) => padded.fill(255, 0, 4)),
  "a length of less than there is": damaged((padded) => padded.fill(2, 3, 4)),
  "something after the content": damaged((padded) => padded.fill(1, 63, 64)),
})) test(`damaged padding is refused: ${what}`, () => assert.throws(() => unpad(padded), { name: "Refused", code: "padding" }));
