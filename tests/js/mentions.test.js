/** Where a text calls somebody. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mentionRanges } from "../../porch/static/js/messages/mentions.js";

const mary = { user_id: 1, username: "Mary" };
const maryAnn = { user_id: 2, username: "Mary Ann" };
const brien = { user_id: 3, username: "O'Brien" };
const tanaka = { user_id: 4, username: "田中さん" };
const everyone = { user_id: null, username: "everyone" };

/** @param {string} text @param {...{user_id: number | null, username: string}} mentions */
const marked = (text, ...mentions) => mentionRanges(text, mentions).map(({ start, end, mention }) => [text.slice(start, end), mention.user_id]);

test("each place that calls somebody is found, in whatever case", () => {
  assert.deepEqual(marked("@MARY, tell @o'brien!", mary, brien), [["@MARY", 1], ["@o'brien", 3]]);
});

test("the longest name that fits is meant", () => {
  assert.deepEqual(marked("@Mary Ann and @Mary anne and @Mary", mary, maryAnn), [["@Mary Ann", 2], ["@Mary", 1], ["@Mary", 1]]);
});

test("a longer word, an address and somebody else are text", () => {
  assert.deepEqual(marked("@Maryland me@Mary @@Mary @Bob @", mary), []);
});

test("a name is followed by what belongs to the sentence", () => {
  assert.deepEqual(marked("(@Mary's) @everyone: @田中さんこんにちは", mary, everyone, tanaka), [["@Mary", 1], ["@everyone", null], ["@田中さん", 4]]);
});

test("letters of another width are the same name", () => {
  assert.deepEqual(marked("@Ｍａｒｙ", mary), [["@Ｍａｒｙ", 1]]);
});

test("nobody is called where nobody is said to be", () => {
  assert.deepEqual(mentionRanges("@Mary", []), []);
});
