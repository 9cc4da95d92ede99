/** What is typed is found in a browser as the server finds it, and shown with what stands around it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { searchExcerpt } from "../../porch/static/js/encrypted_chats/search_excerpt.js";
import { marksOf, soughtIn } from "../../porch/static/js/encrypted_chats/search_words.js";

/** @type {{typed: string, text: string, found: string[] | null}[]} */
const EXAMPLES = JSON.parse(readFileSync(new URL("../vectors/search_words.json", import.meta.url), "utf8"));

/** @param {string} typed @param {string} text */
function found(typed, text) {
  return marksOf(soughtIn(typed), text)?.map(([start, end]) => text.slice(start, end)) ?? null;
}

/** @param {string} text @param {string} typed */
function excerpt(text, typed) {
  const { pieces, cutBefore, cutAfter } = searchExcerpt(text, marksOf(soughtIn(typed), text) ?? []);
  const shown = pieces.map((piece) => piece.isFound ? `[${piece.text}]` : piece.text).join("");
  return `${cutBefore ? "…" : ""}${shown}${cutAfter ? "…" : ""}`;
}

test("what is typed is found where it stands, as on the server", () => {
  for (const { typed, text, found: expected } of EXAMPLES) assert.deepEqual(found(typed, text), expected, `${typed} in ${text}`);
});

test("a minus leaves out what has a word or a phrase", () => {
  assert.deepEqual(found('tea -milk -"much sugar"', "Tea, sugar, much"), ["Tea"]);
  assert.equal(found("tea −milk", "Tea with MILK"), null);
  assert.equal(found('tea -"much sugar"', "Tea with much sugar"), null);
});

test("what has no words finds nothing, whatever else is left out", () => {
  for (const typed of ["", "-", '"', '""', "***", "-“”", " \n", "-milk"]) assert.equal(found(typed, "tea"), null, typed);
});

test("marks that overlap are one", () => {
  assert.deepEqual(found('"a b" "b c"', "a b c"), ["a b c"]);
});

test("of a long message the part around the first mark is shown, from a word on, and no character is cut in two", () => {
  assert.equal(excerpt("The kettle whistles", "kettle"), "The [kettle] whistles");
  assert.equal(excerpt(`${"one ".repeat(100)}kettle ${"two ".repeat(100)}kettle`, "kettle"), `…${"one ".repeat(14)}[kettle] ${"two ".repeat(44)}t…`);
  assert.equal(excerpt(`${"😀".repeat(200)}-kettle`, "kettle"), `…${"😀".repeat(30)}-[kettle]`);
  assert.equal(excerpt(`kettle ${"😀".repeat(200)}`, "kettle"), `[kettle] ${"😀".repeat(116)}…`);
});
