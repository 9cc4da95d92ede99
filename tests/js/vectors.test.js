/** The published vectors hold in Node. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as library from "../../porch/static/vendor/hpke.js";
import { CHECKS, FILES } from "./vector_checks.js";

for (const name of FILES) {
  test(`vectors hold: ${name}`, async () => {
    const vectors = JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
    assert.ok(vectors.length > 0);
    const differing = await CHECKS[name](vectors, /** @type {any} */ (library));
    assert.deepEqual(differing, []);
  });
}
