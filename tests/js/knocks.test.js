/** Who would like to talk: a few cards, a number, and nobody twice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Knocks } from "../../porch/static/js/notifications/knocks.js";
import { direct } from "./factories.js";

/** @import { DirectChat } from "../../porch/static/js/base/types.js" */

/** @param {number} id @param {Partial<DirectChat>} [about] */
function asking(id, about = {}) {
  return direct({ id, state: "asked", ...about });
}

/** @param {Knocks} knocks */
function ids(knocks) {
  return knocks.shown.map(({ id }) => id);
}

test("three are shown, the first first, and the others counted", () => {
  const knocks = new Knocks();
  for (const id of [5, 4, 6, 9, 8]) knocks.take(asking(id));
  assert.deepEqual([ids(knocks), knocks.more], [[5, 4, 6], 2]);
  knocks.take(asking(4, { state: "open" }));
  assert.deepEqual([ids(knocks), knocks.more], [[5, 6, 9], 1]);
});

test("whoever is blocked, has left, is answered, put away or on this page does not knock", () => {
  const knocks = new Knocks([1], 2);
  knocks.replace({ directs: [
    asking(1), asking(2), asking(3, { blocked: true }), asking(4, { state: "open" }),
    asking(5, { with: { user_id: 2, username: null, guest: true, passed_on: false } }), asking(6),
  ], more: false });
  assert.deepEqual(ids(knocks), [6]);
  knocks.putAway(6);
  knocks.take(asking(6));
  assert.deepEqual(ids(knocks), []);
});

test("one request that follows another is another, though there are as many", () => {
  const knocks = new Knocks();
  knocks.replace({ directs: [asking(1)], more: false });
  knocks.replace({ directs: [asking(2)], more: false });
  assert.deepEqual(ids(knocks), [2]);
});

test("in a list that was cut off, what is missing may be further down", () => {
  const knocks = new Knocks();
  knocks.take(asking(1));
  knocks.replace({ directs: [asking(2)], more: true });
  assert.deepEqual(ids(knocks), [1, 2]);
});
