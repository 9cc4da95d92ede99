/** One's direct chats: the last active first, ignored ones nowhere, and what is said of each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { address, DirectList, lastLine } from "../../porch/static/js/direct_list.js";

/** @import { DirectChat } from "../../porch/static/js/types.js" */

const ME = 1;

/** @param {Partial<DirectChat>} [about] @returns {DirectChat} */
function direct(about = {}) {
  return {
    id: 7, name: "Bo", url: "/chatrooms/key/", rev: 1, created_at: "2026-03-11T18:00:00.000Z",
    with: { user_id: 2, username: "Bo", guest: false, passed_on: false },
    state: "open", blocked: false, last: null, unread: 0, present: false, ...about,
  };
}

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

test("a chat leads to the name the other has, and to itself when there is none", () => {
  assert.equal(address(direct()), "/direct/Bo/");
  assert.equal(address(direct({ with: { user_id: 2, username: "a/b ?", guest: true, passed_on: false } })), "/direct/a%2Fb%20%3F/");
  assert.equal(address(direct({ with: { user_id: 2, username: null, guest: true, passed_on: true } })), "/chatrooms/key/");
});

test("the line under a name says what matters most", () => {
  const last = said("Hello", "2026-03-12T18:00:00.000Z");
  const gone = { user_id: 2, username: null, guest: true, passed_on: false };
  /** @type {[Partial<DirectChat>, string][]} */
  const lines = [
    [{}, "Nothing said yet"],
    [{ last }, "Hello"],
    [{ last: { ...last, user_id: ME } }, "You: Hello"],
    [{ state: "asked" }, "Would like to talk with you"],
    [{ state: "asked", last }, "Hello"],
    [{ blocked: true, last }, "Blocked"],
    [{ with: gone, last }, "Has left"],
    [{ with: { ...gone, passed_on: true }, last }, "Has left; the name is somebody else’s now"],
  ];
  for (const [about, line] of lines) assert.equal(lastLine(direct(about), ME), line);
});
