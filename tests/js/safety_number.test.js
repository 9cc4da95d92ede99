/** A safety number is the same for both, and another for anybody in between. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64url } from "../../porch/static/js/crypto/bytes.js";
import { safetyNumber } from "../../porch/static/js/crypto/safety_number.js";

const identity = (/** @type {number} */ byte) => toBase64url(new Uint8Array(32).fill(byte));
const ADA = { user: 1, identity: identity(1) };
const BO = { user: 12, identity: identity(2) };
const number = await safetyNumber(ADA, BO);

test("both see the same 60 digits", async () => {
  assert.match(number, /^(\d{5} ){11}\d{5}$/);
  assert.equal(await safetyNumber(BO, ADA), number);
});

test("it is what the written rule gives", () => {
  assert.equal(number, "54850 02775 48769 44159 63310 95245 83662 44480 95093 00059 27852 69905");
});

test("another key or another person makes another number", async () => {
  const others = [
    safetyNumber({ ...ADA, identity: identity(3) }, BO), safetyNumber(ADA, { ...BO, identity: identity(3) }), safetyNumber({ ...ADA, user: 2 }, BO),
    safetyNumber({ ...ADA, identity: BO.identity }, { ...BO, identity: ADA.identity }),
  ];
  assert.equal(new Set([number, ...(await Promise.all(others))]).size, 5);
});
