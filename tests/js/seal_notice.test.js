/** What a direct chat's page says about who can read it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sealExplained, sealNotice, sealOf } from "../../porch/static/js/encrypted_chats/seal_notice.js";

/** @import { Way } from "../../porch/static/js/encrypted_chats/direct_line.js" */

const CONTACT = { user: 2, identity: "key", verified: false, changed: null, replaced: null };
const VERIFIED = { ...CONTACT, verified: true };
const SHUT = /** @type {Way[]} */ (["changed", "no_keys", "new", "let_in", "own_changed", "insecure", "unable", "refused"]);

/** @param {import("../../porch/static/js/encrypted_chats/seal_notice.js").SealNotice | null} notice */
const text = (notice) => notice?.words.map((part) => typeof part === "string" ? part : part.name).join("");

test("the sign under the title never says more than is so", () => {
  assert.equal(sealOf({ way: "unknown", contact: VERIFIED }), null);
  assert.equal(sealOf({ way: "plain", contact: null })?.words, "Not encrypted");
  assert.equal(sealOf({ way: "encrypted", contact: CONTACT })?.kind, "locked");
  assert.equal(sealOf({ way: "encrypted", contact: VERIFIED })?.kind, "verified");
  for (const way of SHUT) assert.equal(sealOf({ way, contact: VERIFIED })?.words, "Nothing is sent", way);
});

test("where nothing is sent the page says why", () => {
  for (const way of SHUT) {
    const notice = sealNotice({ way, contact: CONTACT, name: "Bo", withGuest: false });
    assert.ok(text(notice), way);
  }
  assert.deepEqual(sealNotice({ way: "changed", contact: VERIFIED, name: "Bo", withGuest: false })?.choices, ["verify", "accept"]);
  assert.match(text(sealNotice({ way: "changed", contact: VERIFIED, name: "Bo", withGuest: false })) ?? "", /^Bo has another key/u);
  assert.deepEqual(sealNotice({ way: "new", contact: CONTACT, name: "Bo", withGuest: false })?.choices, ["account"]);
  assert.deepEqual(sealNotice({ way: "let_in", contact: CONTACT, name: "Bo", withGuest: false })?.choices, ["account"]);
  assert.equal(sealNotice({ way: "no_keys", contact: CONTACT, name: "Bo", withGuest: false, hasLeft: true }), null);
});

test("another key is announced until it was read", () => {
  const seal = { way: /** @type {Way} */ ("encrypted"), name: "Bo", withGuest: false };
  assert.equal(sealNotice({ ...seal, contact: CONTACT }), null);
  assert.deepEqual(sealNotice({ ...seal, contact: { ...CONTACT, replaced: "old" } })?.choices, ["verify", "told"]);
});

test("what is locked for others, too, is told, also of somebody who was compared", () => {
  const seal = { way: /** @type {Way} */ ("encrypted"), name: "Bo", withGuest: false, isStrange: true };
  for (const contact of [CONTACT, VERIFIED]) assert.match(text(sealNotice({ ...seal, contact })) ?? "", /locked for other keys, too/u);
});

test("the panel says who can read it", () => {
  assert.match(sealExplained({ way: "plain", contact: null, withGuest: true }), /not encrypted.*Guests have no keys/u);
  assert.match(sealExplained({ way: "plain", contact: null, withGuest: false }), /not encrypted yet/u);
  assert.match(sealExplained({ way: "encrypted", contact: CONTACT, withGuest: false }), /cannot read it.*compare keys once/u);
  assert.match(sealExplained({ way: "changed", contact: { ...VERIFIED, changed: "other" }, withGuest: false }), /compare keys once/u);
  assert.match(sealExplained({ way: "encrypted", contact: VERIFIED, withGuest: false }), /You have compared keys/u);
});
