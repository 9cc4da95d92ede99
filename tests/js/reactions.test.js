/** Reactions and pins as a page knows them, and the emoji that it finds. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isLarge, oneEmoji } from "../../porch/static/js/messages/emoji.js";
import { GROUPS } from "../../porch/static/js/messages/emoji_list.js";
import { found } from "../../porch/static/js/messages/emoji_search.js";
import { COMMON } from "../../porch/static/js/messages/faces.js";
import { PinList } from "../../porch/static/js/log/pin_list.js";
import { who, withWish } from "../../porch/static/js/messages/tallies.js";
import { message } from "./factories.js";

const thumbs = { emoji: "👍", count: 2, user_ids: [1, 2] };
/** @param {number} id */
const nameOf = (id) => ({ 1: "Ann", 2: "Bob", 3: "You" })[id];

test("one's own wish is laid over what the server has told", () => {
  assert.deepEqual(withWish([thumbs], "👍", true, 3), [{ emoji: "👍", count: 3, user_ids: [1, 2, 3] }]);
  assert.deepEqual(withWish([thumbs], "🎉", true, 3), [thumbs, { emoji: "🎉", count: 1, user_ids: [3] }]);
  assert.deepEqual(withWish([thumbs], "👍", false, 2), [{ emoji: "👍", count: 1, user_ids: [1] }]);
  assert.deepEqual(withWish([{ emoji: "👍", count: 1, user_ids: [2] }], "👍", false, 2), []);
  assert.deepEqual(withWish([thumbs], "👍", true, 2), [thumbs]);
});

test("who reacted is a sentence", () => {
  assert.equal(who(thumbs, nameOf), "Ann and Bob");
  assert.equal(who({ emoji: "👍", count: 4, user_ids: [3, 1, 9, 8] }, nameOf), "You, Ann and 2 more");
  assert.equal(who({ emoji: "👍", count: 1, user_ids: [9] }, nameOf), "1 person");
  assert.equal(who({ emoji: "👍", count: 200, user_ids: [9] }, nameOf), "200 people");
});

test("a few emoji and nothing else are large", () => {
  const { large, not_large } = JSON.parse(readFileSync(new URL("../vectors/markdown.json", import.meta.url), "utf8"));
  for (const text of large) assert.equal(isLarge(text), true, text);
  for (const text of [...not_large, ""]) assert.equal(isLarge(text), false, text);
});

test("the picker's list is emoji, each once, and the common ones are in it", () => {
  const all = GROUPS.flatMap(([, list]) => list.split("|").map((one) => one.slice(0, one.indexOf(" "))));
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.length >= 300);
  for (const emoji of [...all, ...COMMON]) assert.equal(oneEmoji(emoji), emoji, emoji);
  for (const emoji of COMMON) assert.ok(all.includes(emoji), emoji);
});

test("emoji are found by the beginnings of words, or are typed", () => {
  const emoji = (/** @type {string} */ text) => found(text).flatMap((group) => group.emoji.map((one) => one.emoji));
  assert.ok(emoji("thumb up").includes("👍"));
  assert.ok(emoji("red hea").includes("❤️"));
  assert.deepEqual(emoji("no such thing"), []);
  assert.deepEqual(emoji(" 🫠 "), ["🫠"]);
  assert.ok(emoji("").length >= 300);
});

test("the pinned messages follow what changes in the room, the last one first", () => {
  const pins = new PinList();
  const pinned = (/** @type {number} */ seq, /** @type {number} */ rev, more = {}) => message(seq, { rev, pinned: true, ...more });
  pins.replace([pinned(2, 5), pinned(1, 4)]);
  const seqs = () => pins.messages.map(({ seq }) => seq);
  assert.equal(pins.take([pinned(3, 6), message(4)]), true);
  assert.deepEqual(seqs(), [3, 2, 1]);
  assert.equal(pins.take([pinned(1, 7, { content: "edited" }), message(2, { rev: 8 }), message(3, { rev: 3 })]), true);
  assert.deepEqual([seqs(), pins.messages[1].content], [[3, 1], "edited"]);
  assert.equal(pins.take([pinned(5, 10), pinned(6, 9)]), false);
});
