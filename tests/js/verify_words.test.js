/** What is said of a contact's keys: every way that it can stand has words of its own, and only what has happened a notice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyWord } from "../../porch/static/js/keys/verify_words.js";

const KNOWN = { user: 2, identity: "a", verified: false, changed: null, replaced: null };

test("how it stands with a contact is said, and what has happened besides", () => {
  const ways = [null, KNOWN, { ...KNOWN, verified: true }, { ...KNOWN, verified: true, changed: "b" }];
  assert.equal(new Set(ways.map((contact) => verifyWord(contact, "Bo").word)).size, ways.length);
  assert.deepEqual(ways.map((contact) => verifyWord(contact, "Bo").notice !== ""), [false, false, false, true]);
  assert.match(verifyWord({ ...KNOWN, replaced: "z" }, "Bo").notice, /Bo were replaced/u);
});
