/** How much waits, and how a title says so. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mark, total, weight } from "../../porch/static/js/notifications/attention.js";
import { direct, lobbyRow } from "./factories.js";

const news = { unread: 5, mentioned: 2 };

test("of a room counts what its level says", () => {
  assert.equal(weight({ ...news, level: "everything" }), 5);
  assert.equal(weight({ ...news, level: "mentions" }), 2);
  assert.equal(weight({ ...news, level: "nothing" }), 0);
  assert.equal(weight(lobbyRow(1)), 0);
});

test("rooms and direct chats count together, but for whom one blocks", () => {
  const rooms = [lobbyRow(1, { ...news, level: "everything" }), lobbyRow(2, { ...news, level: "nothing" })];
  assert.equal(total(rooms, [direct({ id: 3, unread: 4 }), direct({ id: 4, unread: 7, blocked: true })]), 9);
});

test("a title says how much, and nothing when nothing waits", () => {
  assert.deepEqual([0, 1, 99, 100, 4000].map(mark), ["", "(1) ", "(99) ", "(99+) ", "(99+) "]);
});
