/** Ids are UUIDs of version 4, made without crypto.randomUUID. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { uuid } from "../../porch/static/js/base/ids.js";

test("an id is a UUID of version 4", () => {
  for (let turn = 0; turn < 100; turn += 1) assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("version and variant are set whatever the bytes are", () => {
  assert.equal(uuid((bytes) => bytes.fill(0)), "00000000-0000-4000-8000-000000000000");
  assert.equal(uuid((bytes) => bytes.fill(255)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
});

test("ids differ", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => uuid())).size, 1000);
});
