/** A contact's key is pinned, a change is announced, and nothing readable goes where something sealed once went. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, seen, told, verified, wayToWrite } from "../../porch/static/js/keys/contact_trust.js";

const [OLD, NEW, THIRD] = ["old", "new", "third"].map((identity) => ({ user: 7, identity }));
const fresh = seen(null, OLD);
const checked = verified(fresh, "old");
const changed = seen(checked, NEW);
const KEYS = { hasKeys: true, wasEncrypted: true };
const refusedAsChanged = { name: "Refused", code: "changed" };

test("the first key is pinned, and stays while it is told", () => {
  assert.deepEqual(fresh, { user: 7, identity: "old", verified: false, changed: null, replaced: null });
  assert.deepEqual(seen(fresh, OLD), fresh);
  assert.equal(wayToWrite(fresh, KEYS), "encrypted");
});

test("another key of a contact who was never verified replaces the first, and is to be announced", () => {
  const contact = seen(fresh, NEW);
  assert.deepEqual([contact.identity, contact.replaced], ["new", "old"]);
  assert.equal(wayToWrite(contact, KEYS), "encrypted");
  assert.equal(seen(contact, THIRD).replaced, "old", "until it was announced");
  assert.equal(told(contact).replaced, null);
});

test("another key of a verified contact stops writing until it is accepted, and is not verified then", () => {
  assert.deepEqual([changed.identity, changed.changed], ["old", "new"]);
  assert.equal(wayToWrite(changed, KEYS), "changed");
  const contact = accepted(changed, "new");
  assert.deepEqual([contact.identity, contact.verified, wayToWrite(contact, KEYS)], ["new", false, "encrypted"]);
});

test("only the key that was shown is accepted or verified", () => {
  assert.throws(() => accepted(seen(changed, THIRD), "new"), refusedAsChanged);
  assert.throws(() => accepted(fresh, "old"), refusedAsChanged);
  assert.throws(() => verified(fresh, "new"), refusedAsChanged);
  assert.throws(() => verified(changed, "old"), refusedAsChanged);
  assert.throws(() => seen(fresh, { user: 8, identity: "old" }), { name: "Refused", code: "user" });
});

test("a verified contact whose own key is told again may be written to", () => {
  assert.deepEqual(seen(changed, OLD), checked);
});

test("whoever once had keys is never written to readably, whatever the server says", () => {
  for (const wasEncrypted of [true, false]) assert.equal(wayToWrite(fresh, { hasKeys: false, wasEncrypted }), "no_keys");
  assert.equal(wayToWrite(null, { hasKeys: false, wasEncrypted: true }), "no_keys");
  assert.equal(wayToWrite(null, { hasKeys: true, wasEncrypted: false }), "no_keys", "not before the keys were looked at");
  assert.equal(wayToWrite(null, { hasKeys: false, wasEncrypted: false }), "plain");
});
