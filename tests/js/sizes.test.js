import assert from "node:assert/strict";
import { test } from "node:test";

import { gist } from "../../porch/static/js/messages/gist.js";
import { isPlain } from "../../porch/static/js/messages/plain.js";
import { sizeInWords, within } from "../../porch/static/js/base/sizes.js";

test("a size is said in the unit in which it is short", () => {
  for (const [bytes, words] of /** @type {[number, string][]} */ ([
    [1, "1 byte"], [999, "999 bytes"], [1000, "1 kB"], [1499, "1.5 kB"], [38_400, "38 kB"], [999_499, "999 kB"],
    [999_500, "1 MB"], [2_345_678, "2.3 MB"], [25_000_000, "25 MB"], [1_200_000_000, "1.2 GB"],
  ])) assert.equal(sizeInWords(bytes), words);
});

test("a picture keeps its shape within a square, and does not grow", () => {
  assert.deepEqual(within({ width: 1600, height: 1000 }, 320), { width: 320, height: 200 });
  assert.deepEqual(within({ width: 900, height: 1400 }, 160), { width: 103, height: 160 });
  assert.deepEqual(within({ width: 100, height: 60 }, 320), { width: 100, height: 60 });
});

test("what is very long can still be pressed", () => {
  assert.deepEqual(within({ width: 6000, height: 60 }, 320), { width: 320, height: 44 });
  assert.deepEqual(within({ width: 1, height: 1 }, 320), { width: 44, height: 44 });
});

test("a message without words is its files, in words", () => {
  const file = { id: 1, name: "a.jpg", size: 1, media_type: "image/webp", url: "/" };
  assert.equal(gist({ content: "Look", files: [file] }), "Look");
  assert.equal(gist({ content: "", files: [file, { ...file, alt: "The porch" }] }), "a.jpg, The porch");
  assert.equal(gist({ content: "" }), "");
  assert.equal(isPlain({ content: "Look" }), true);
  assert.equal(isPlain({ content: "Look", files: [file] }), false);
});
