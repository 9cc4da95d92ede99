/** Whose name is being typed, and who may be meant. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { begunName, candidates } from "../../porch/static/js/composer/naming.js";
import { message } from "./factories.js";

const at = (/** @type {string} */ text) => begunName(text, text.length);

test("a name is begun by the sign for it, up to the caret", () => {
  assert.deepEqual(at("Hello @Ma"), { start: 6, begun: "Ma" });
  assert.deepEqual(at("@"), { start: 0, begun: "" });
  assert.deepEqual(begunName("@Mary and so on", 3), { start: 0, begun: "Ma" });
});

test("an address, a line further down and plain text begin no name", () => {
  for (const text of ["me@example", "@Mary\n", "Hello", "@@", ""]) assert.equal(at(text)?.begun || null, null);
});

const room = {
  messages: [message(1, { user_id: 3, username: "Cy" }), message(2, { user_id: 4, username: "Çelik" }), message(3, { user_id: 1, username: "Me" }), message(4, { user_id: 5, username: "Cole", deleted: true })],
  here: [{ user_id: 6, username: "Cam" }, { user_id: 3, username: "Cy" }],
  members: [{ user_id: 7, username: "Cara" }, { user_id: 1, username: "Cme" }],
  everyone: false,
  me: 1,
};

test("who spoke last comes first, then who is here, then members, each once and never oneself", () => {
  assert.deepEqual(candidates("c", room), ["Çelik", "Cy", "Cam", "Cara"]);
});

test("what is typed is the beginning, whatever the case and the accents", () => {
  assert.deepEqual(candidates("ÇEL", room), ["Çelik"]);
  assert.deepEqual(candidates("am", room), []);
});

test("everyone is offered to who may call everyone, last", () => {
  assert.deepEqual(candidates("e", room), []);
  assert.deepEqual(candidates("Ev", { ...room, everyone: true }), ["everyone"]);
  assert.equal(candidates("", { ...room, everyone: true }).at(-1), "everyone");
});
