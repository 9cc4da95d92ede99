/** Bytes as text: one text for the same bytes, and nothing else is read. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equal, fromBase64url, fromUtf8, randomBytes, toBase64url, toUtf8 } from "../../porch/static/js/crypto/bytes.js";

test("base64url is that of Node, both ways and at every length", () => {
  for (let length = 0; length < 200; length += 1) {
    const bytes = randomBytes(length);
    const text = toBase64url(bytes);
    assert.equal(text, Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(fromBase64url(text, "x", length), bytes);
  }
});

for (const text of ["A", "AAAAA", "AA==", "A A", "AA\n", "+A", "/A", "Āa", "AB", "AAB", 7, null, undefined, ["AA"], { length: 2 }]) {
  test(`what is no strict base64url is refused: ${JSON.stringify(text)}`, () => {
    assert.throws(() => fromBase64url(text, "field", 0, 100), { name: "Refused", code: "field" });
  });
}

test("the bounds of a length are inclusive", () => {
  for (const length of [2, 3]) assert.equal(fromBase64url(toBase64url(new Uint8Array(length)), "x", 2, 3).length, length);
  for (const length of [0, 1, 4]) assert.throws(() => fromBase64url(toBase64url(new Uint8Array(length)), "x", 2, 3), { code: "x" });
});

test("UTF-8 is read strictly, and a byte order mark stays", () => {
  assert.equal(fromUtf8(toUtf8("\ufeffé 👩‍👧 \0"), "text"), "\ufeffé 👩‍👧 \0");
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    assert.throws(() => fromUtf8(Uint8Array.from(bytes), "text"), { code: "text" });
  }
});

test("bytes are put together and compared", () => {
  assert.deepEqual(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3));
  assert.ok(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  assert.ok(!equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  assert.ok(!equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0)));
});
