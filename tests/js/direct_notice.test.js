/** What a direct chat's page says above its log: one thing at a time, the weightiest. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { choicesOf, differs, noticeOf } from "../../porch/static/js/chats/direct_notice.js";
import { direct } from "./factories.js";

/** @import { DirectChat } from "../../porch/static/js/base/types.js" */

const GONE = { user_id: 2, username: null, guest: true, passed_on: false };

/** @param {Partial<DirectChat>} about */
function said(about) {
  const notice = noticeOf(direct({ may_write: true, ...about }));
  const words = notice?.words.map((part) => typeof part === "string" ? part : part.name).join("");
  return [words, ...(notice?.choices ?? []).map((choice) => choice.words)];
}

test("the notice says what matters most, and offers the answers to it", () => {
  assert.deepEqual(said({}), [undefined]);
  assert.deepEqual(said({ may_write: false }), ["Bo is not taking messages."]);
  assert.deepEqual(said({ state: "ignored", may_write: false }), ["You ignore Bo here, and are not told what they write.", "Take it up"]);
  assert.deepEqual(said({ state: "asked", may_write: false }), ["Bo would like to talk with you.", "Accept", "Ignore", "Block"]);
  const guest = { ...GONE, username: "Bo" };
  assert.deepEqual(said({ state: "asked", with: guest }), ["Bo, a guest, would like to talk with you.", "Accept", "Ignore", "Block"]);
  assert.deepEqual(said({ state: "asked", with: GONE }), ["Bo has left. What was said stays here."]);
  const passed = "Bo has left. Whoever is called so now is somebody else. What was said stays here.";
  assert.deepEqual(said({ with: { ...GONE, passed_on: true } }), [passed]);
  assert.deepEqual(said({ blocked: true, state: "asked", with: GONE }), ["You have blocked Bo. Nothing they write here reaches you.", "Unblock"]);
});

test("the panel offers what is not so already", () => {
  const offered = (/** @type {Partial<DirectChat>} */ about) => choicesOf(direct(about)).map(({ value }) => value);
  assert.deepEqual(offered({}), ["ignored", "block"]);
  assert.deepEqual(offered({ state: "ignored" }), ["block"]);
  assert.deepEqual(offered({ blocked: true }), ["unblock"]);
});

test("a row differs by who, what was answered and what may be written, not by what was said", () => {
  const known = direct({ may_write: true });
  assert.equal(differs(known, direct({ rev: 9, unread: 4, present: true })), false);
  assert.equal(differs(known, direct({ state: "ignored" })), true);
  assert.equal(differs(known, direct({ blocked: true })), true);
  assert.equal(differs(known, direct({ name: "Bob" })), true);
  assert.equal(differs(known, direct({ with: GONE })), true);
  assert.equal(differs(direct({ with: GONE }), direct({ with: { ...GONE, passed_on: true } })), true);
  assert.equal(differs(known, direct({ may_write: false })), true);
});
