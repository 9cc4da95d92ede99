import assert from "node:assert/strict";
import { test } from "node:test";

import { goalsOf, offered } from "../../porch/static/js/chats/finding.js";

const room = (/** @type {object} */ more) => /** @type {any} */ ({ id: 1, name: "Supper", url: "/chatrooms/a/", member: true, last_at: "2026-03-11T10:00:00Z", created_at: "2026-01-01T00:00:00Z", ...more });
const direct = (/** @type {object} */ more) => /** @type {any} */ ({ id: 9, name: "Ann", url: "/chatrooms/z/", state: "open", blocked: false, unread: 2, with: { user_id: 5, username: "Ann" }, last: { timestamp: "2026-03-12T10:00:00Z" }, created_at: "2026-01-01T00:00:00Z", ...more });
const names = (/** @type {import("../../porch/static/js/chats/finding.js").Goal[]} */ goals) => goals.map(({ name }) => name);

test("before anything is typed one's own rooms and chats stand there, the last active first, without the one one is in", () => {
  const goals = goalsOf([room({}), room({ id: 2, name: "Garden", url: "/chatrooms/b/" }), room({ id: 3, name: "Strange", url: "/chatrooms/c/", member: false })], [direct({})], "/chatrooms/b/messages/7/");
  assert.deepEqual(names(offered(goals, [], " ")), ["Ann", "Supper"]);
  assert.equal(offered(goals, [], "")[0].unread, 2);
});

test("what is typed is found whatever its accents and case: beginnings of names, of words, then the rest", () => {
  const goals = goalsOf(["Picnics", "Old cafés", "Café", "Decaf"].map((name, id) => room({ id, name, url: `/chatrooms/${id}/` })), [], "/");
  assert.deepEqual(names(offered(goals, [], "CAF")), ["Café", "Old cafés", "Decaf", "CAF"]);
});

test("people whom one does not talk with yet come after, and the search of what was said last", () => {
  const goals = goalsOf([], [direct({})], "/");
  const found = offered(goals, [{ user_id: 5, username: "Ann" }, { user_id: 6, username: "Anna/b" }, { user_id: 7, username: "Bo" }], "ann");
  assert.deepEqual(found.map(({ url }) => url), ["/chatrooms/z/", "/direct/Anna%2Fb/", "/search/?q=ann"]);
});
