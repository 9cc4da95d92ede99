/** One's direct chats: the last active first, ignored ones nowhere, and what is said of each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { news } from "../../porch/static/js/notifications/attention.js";
import { DirectList, isNew, lastLine } from "../../porch/static/js/chats/direct_list.js";
import { direct } from "./factories.js";

/** @import { DirectChat } from "../../porch/static/js/base/types.js" */

const ME = 1;

/** @param {string} content @param {string} timestamp @param {number} [user_id] */
function said(content, timestamp, user_id = 2) {
  return { user_id, content, timestamp };
}

test("the last active stand first, and a new one where it was opened", () => {
  const list = new DirectList([
    direct({ id: 1, last: said("Old", "2026-03-10T18:00:00.000Z") }),
    direct({ id: 2 }),
    direct({ id: 3, last: said("New", "2026-03-12T18:00:00.000Z") }),
  ]);
  assert.deepEqual(list.rows().map(({ id }) => id), [3, 2, 1]);
});

test("what comes late does not undo what came before it", () => {
  const list = new DirectList([direct({ rev: 5, unread: 2 })]);
  list.apply(direct({ rev: 4, unread: 1 }));
  assert.equal(list.rows()[0].unread, 2);
  list.apply(direct({ rev: 5, unread: 0 }));
  assert.equal(list.rows()[0].unread, 0);
});

test("an ignored chat is gone, and comes back when it is taken up", () => {
  const list = new DirectList([direct()]);
  list.apply(direct({ state: "ignored" }));
  assert.deepEqual(list.rows(), []);
  list.apply(direct());
  assert.equal(list.rows().length, 1);
});

test("a list that was asked for before an event does not undo it, and what is not in it is gone", () => {
  const list = new DirectList([direct({ rev: 5 }), direct({ id: 8 })]);
  list.replace([direct({ rev: 4 })]);
  assert.deepEqual(list.rows().map(({ id, rev }) => [id, rev]), [[7, 5]]);
  list.replace([direct({ rev: 6 })]);
  assert.deepEqual(list.rows().map(({ rev }) => rev), [6]);
});

test("of somebody who is blocked nothing is new, nor is a request of somebody who has left", () => {
  const gone = { user_id: 2, username: null, guest: true, passed_on: false };
  assert.deepEqual([news(direct({ unread: 3 })), news(direct({ unread: 3, blocked: true }))], [3, 0]);
  assert.equal(isNew(direct({ unread: 1 })), true);
  assert.equal(isNew(direct({ state: "asked" })), true);
  assert.equal(isNew(direct({ state: "asked", with: gone })), false);
  assert.equal(isNew(direct({ state: "asked", unread: 1, blocked: true })), false);
});

test("the line under a name says what matters most", () => {
  const last = said("Hello", "2026-03-12T18:00:00.000Z");
  const gone = { user_id: 2, username: null, guest: true, passed_on: false };
  /** @type {[Partial<DirectChat>, string][]} */
  const lines = [
    [{}, "Nothing said yet"],
    [{ last }, "Hello"],
    [{ last: { ...last, user_id: ME } }, "You: Hello"],
    [{ last: { ...last, content: "" } }, "An encrypted message"],
    [{ last: { ...last, content: "", user_id: ME } }, "You: An encrypted message"],
    [{ state: "asked" }, "Would like to talk with you"],
    [{ state: "asked", last }, "Would like to talk: Hello"],
    [{ state: "asked", last, with: gone }, "Has left"],
    [{ blocked: true, last }, "Blocked"],
    [{ with: gone, last }, "Has left"],
    [{ with: { ...gone, passed_on: true }, last }, "Has left; the name is somebody else’s now"],
  ];
  for (const [about, line] of lines) assert.equal(lastLine(direct(about), ME), line);
});

test("what was said last is read without its marks", () => {
  assert.equal(lastLine(direct({ last: said("**Tea** with _milk_", "2026-03-11T18:00:00Z") }), ME), "Tea with milk");
});
