/** What is left out of a log, and what others saw otherwise, is found; what people do by themselves raises no alarm. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Continuity } from "../../porch/static/js/encrypted_chats/continuity.js";
import { NO_HASH } from "../../porch/static/js/crypto/fields.js";

const NONE = { missing: [], differing: [] };

/** @param {number} seq @param {number} ctr @param {Partial<import("../../porch/static/js/encrypted_chats/continuity.js").Heard>} [more] */
function heard(seq, ctr, more) {
  return { seq, user: 1, client_id: `id ${seq}`, epoch: 0, dev: "one", ctr, seen_seq: 0, seen_hash: NO_HASH, hash: `hash ${seq}`, edited: false, was: [], unused: [], ...more };
}

/** A log that was read from its beginning. @param {...ReturnType<typeof heard>} messages */
function whole(...messages) {
  const continuity = new Continuity();
  continuity.covers(0, Infinity);
  for (const message of messages) continuity.take(message);
  return continuity;
}

test("a log in which each number stands once is whole", () => {
  assert.deepEqual(whole(heard(1, 1), heard(2, 1, { user: 2, dev: "two" }), heard(5, 2), heard(9, 3)).problems(), NONE);
});

test("a number that is left out, and one that stands twice, are found", () => {
  assert.deepEqual(whole(heard(1, 1), heard(5, 3)).problems().missing, [1]);
  assert.deepEqual(whole(heard(1, 2)).problems().missing, [1]);
  assert.deepEqual(whole(heard(1, 1), heard(2, 1), heard(3, 2)).problems().missing, [1]);
  assert.deepEqual(whole(heard(1, 1, { dev: "phone" }), heard(2, 1)).problems(), NONE);
});

test("of a log that was not read from the beginning nobody can tell", () => {
  const continuity = new Continuity();
  continuity.covers(40, Infinity);
  continuity.take(heard(41, 7));
  continuity.take(heard(42, 9));
  assert.deepEqual(continuity.problems(), NONE);
  continuity.covers(0, 30);
  assert.deepEqual(continuity.problems(), NONE, "between this page and the first nothing was read");
  continuity.covers(0, 40);
  assert.deepEqual(continuity.problems().missing, [1]);
  const around = new Continuity();
  around.covers(0, 30);
  around.take(heard(2, 2));
  assert.deepEqual(around.problems(), NONE, "the end was not read");
});

test("an edit names the numbers that the message had, and takes one more", () => {
  const edited = heard(1, 3, { edited: true, was: [{ dev: "one", ctr: 1 }], hash: "later" });
  assert.deepEqual(whole(edited, heard(2, 2)).problems(), NONE);
  assert.deepEqual(whole({ ...edited, was: [] }, heard(2, 2)).problems().missing, [1]);
  const elsewhere = heard(1, 1, { dev: "phone", edited: true, was: [{ dev: "one", ctr: 1 }] });
  assert.deepEqual(whole(elsewhere, heard(2, 2)).problems(), NONE);
});

test("what never arrived is named by what came after it", () => {
  assert.deepEqual(whole(heard(1, 1), heard(2, 4, { unused: [2, 3] })).problems(), NONE);
  assert.deepEqual(whole(heard(1, 1), heard(2, 4, { unused: [3, 9] })).problems().missing, [1]);
});

test("of messages that were taken back the numbers are not known", () => {
  const log = whole(heard(1, 1), heard(3, 3));
  log.tombstone(2, 2);
  assert.deepEqual(log.problems().missing, [1]);
  log.tombstone(2, 1);
  assert.deepEqual(log.problems(), NONE);
  const closed = whole(heard(1, 1), heard(3, 3));
  closed.unread(2);
  assert.deepEqual(closed.problems(), NONE, "one that could not be opened may have the number");
});

test("somebody who saw something else is found", () => {
  const answer = heard(2, 1, { user: 2, dev: "two", seen_seq: 1, seen_hash: "hash 1" });
  assert.deepEqual(whole(heard(1, 1), answer).problems(), NONE);
  assert.deepEqual(whole(heard(1, 1), { ...answer, seen_hash: "another" }).problems().differing, [2]);
  assert.deepEqual(whole(heard(1, 1), { ...answer, seen_seq: 3 }).problems().differing, [2], "nobody sees what is yet to come");
  assert.deepEqual(whole({ ...answer, seq: 5, seen_seq: 4 }).problems().differing, [2], "nothing stands there");
});

test("what was edited, taken back or never sealed may have been seen as it was", () => {
  const answer = heard(2, 1, { user: 2, dev: "two", seen_seq: 1, seen_hash: "earlier" });
  assert.deepEqual(whole(heard(1, 2, { edited: true, was: [{ dev: "one", ctr: 1 }] }), answer).problems(), NONE);
  for (const how of /** @type {const} */ (["unread", "plain"])) {
    const log = whole(answer);
    log[how](1);
    assert.deepEqual(log.problems(), NONE, how);
  }
  const log = whole(answer);
  log.tombstone(1, 1);
  assert.deepEqual(log.problems(), NONE);
  // Both versions were seen by this reader.
  const both = whole(heard(1, 1, { hash: "earlier" }), answer);
  both.take(heard(1, 1, { hash: "hash 1" }));
  assert.deepEqual(both.problems(), NONE);
});

test("one who edits has seen what came after", () => {
  assert.deepEqual(whole(heard(1, 2, { edited: true, was: [{ dev: "one", ctr: 1 }], seen_seq: 2, seen_hash: "hash 2" }), heard(2, 1, { user: 2, dev: "two" })).problems(), NONE);
});

test("a message that was put at another place than the one at which it was seen is found", () => {
  const answer = heard(2, 1, { user: 2, dev: "two", seen_seq: 1, seen_hash: "hash 1" });
  const moved = heard(9, 1, { hash: "hash 1" });
  assert.deepEqual(whole(answer, moved).problems().differing, [2]);
  const late = new Continuity();
  late.tombstone(1, 1);
  for (const message of [answer, moved]) late.take(message);
  assert.deepEqual(late.problems().differing, [2], "also where it was taken away before, and the log was not read to its beginning");
});

test("what was read before has to stand where it was, unless it was edited or taken back", () => {
  const seen = { seq: 2, hash: "hash 2" };
  assert.equal(whole(heard(1, 1), heard(2, 2)).lacks(seen), false);
  assert.equal(whole(heard(1, 1)).lacks(seen), true);
  assert.equal(whole(heard(1, 1), heard(2, 2, { hash: "another" })).lacks(seen), true);
  assert.equal(whole(heard(1, 1), heard(2, 3, { hash: "another", edited: true, was: [{ dev: "one", ctr: 2 }] })).lacks(seen), false);
  const taken = whole(heard(1, 1));
  taken.tombstone(2, 1);
  assert.equal(taken.lacks(seen), false);
  const later = new Continuity();
  later.covers(7, Infinity);
  assert.equal(later.lacks(seen), false, "it was not read that far back");
});

test("a message of an epoch that had passed is found, wherever a host puts it", () => {
  assert.deepEqual(whole(heard(1, 1), heard(2, 2, { epoch: 1 }), heard(3, 3, { epoch: 1 })).problems(), NONE);
  assert.deepEqual(whole(heard(1, 1, { user: 2, dev: "two", epoch: 1 }), heard(2, 1)).problems().differing, [1]);
  const edited = heard(1, 3, { epoch: 2, edited: true, was: [{ dev: "one", ctr: 1 }] });
  assert.deepEqual(whole(edited, heard(2, 2, { epoch: 1 })).problems(), NONE, "an edit is of the epoch of its time");
});

test("nobody's edit says which numbers another's device has used", () => {
  const said = [heard(1, 1), heard(2, 2)];
  const edited = (/** @type {string} */ dev, /** @type {number} */ ctr) => heard(3, 2, { user: 2, dev: "two", edited: true, was: [{ dev: "two", ctr: 1 }, { dev, ctr }] });
  assert.deepEqual(whole(...said, edited("one", 9)).problems(), NONE, "none of hers is missing");
  assert.deepEqual(whole(edited("one", 9), ...said).problems(), NONE);
  assert.deepEqual(whole(heard(1, 1), heard(2, 3), edited("one", 2)).problems().missing, [1], "and what is left out of hers is");
});
