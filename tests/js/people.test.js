/** Who is in the room and who is writing, in words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { People } from "../../porch/static/js/chats/people.js";

/** @import { Sentence } from "../../porch/static/js/chats/people.js" */

const me = { user_id: 1, username: "Juno", guest: false };

/** @param {number} id @param {string} username */
function somebody(id, username) {
  return { user_id: id, username, guest: true };
}

const NAMES = ["Ada", "Bo", "Cem", "Dora", "Eve"];

/** @param {number} others how many are in the room besides the reader */
function room(others) {
  const people = new People(me);
  const present = [me, ...Array.from({ length: others }, (_, index) => somebody(index + 2, NAMES[index % NAMES.length]))];
  people.take({ present: present.slice(0, 50), count: present.length }, 0);
  return people;
}

/** @param {Sentence} sentence */
function words(sentence) {
  return sentence.map((part) => (typeof part === "string" ? part : part.name)).join("");
}

test("whoever is alone is told so", () => {
  assert.equal(words(room(0).hereNow()), "Only you are here");
});

test("up to three others are named", () => {
  assert.equal(words(room(1).hereNow()), "Ada is here");
  assert.equal(words(room(2).hereNow()), "Ada and Bo are here");
  assert.equal(words(room(3).hereNow()), "Ada, Bo and Cem are here");
});

test("of more, two are named and the others counted", () => {
  assert.equal(words(room(4).hereNow()), "Ada, Bo and 2 others are here");
  assert.equal(words(room(5).hereNow()), "Ada, Bo and 3 others are here");
});

test("who is not among the people listed counts, and oneself does not", () => {
  assert.equal(words(room(80).hereNow()), "Ada, Bo and 78 others are here");
  const people = new People(me);
  people.take({ present: [somebody(2, "Ada")], count: 3 }, 0);
  assert.equal(words(people.hereNow()), "Ada and 1 other are here");
});

test("before the server has said who is here, nothing is claimed", () => {
  assert.deepEqual(new People(me).hereNow(), []);
});

test("names stand apart from the words around them", () => {
  assert.deepEqual(room(1).hereNow(), [{ name: "Ada" }, " is here"]);
});

test("somebody who is writing counts as such for six seconds", () => {
  const people = room(2);
  people.hear(somebody(2, "Ada"), 1000);
  assert.equal(words(people.writingNow(6999)), "Ada is writing…");
  assert.equal(people.quietIn(3000), 4000);
  assert.deepEqual(people.writingNow(7000), []);
  assert.equal(people.quietIn(7000), null);
});

test("somebody who goes on writing counts on", () => {
  const people = room(2);
  people.hear(somebody(2, "Ada"), 0);
  people.hear(somebody(2, "Ada"), 3000);
  assert.equal(words(people.writingNow(8000)), "Ada is writing…");
});

test("whoever has said what they were writing is not writing", () => {
  const people = room(2);
  people.hear(somebody(2, "Ada"), 0);
  people.hear(somebody(3, "Bo"), 0);
  assert.equal(words(people.writingNow(0)), "Ada and Bo are writing…");
  people.said(2);
  assert.equal(words(people.writingNow(0)), "Bo is writing…");
});

test("one's own writing on another device is no news", () => {
  const people = room(1);
  people.hear({ user_id: 1, username: "Juno" }, 0);
  assert.deepEqual(people.writingNow(0), []);
});

test("an answer says who is writing and who is not any more; an event about who is here says neither", () => {
  const people = room(2);
  people.take({ present: [me], count: 1, typing: [somebody(2, "Ada")] }, 0);
  people.take({ present: [me], count: 1 }, 0);
  assert.equal(words(people.writingNow(0)), "Ada is writing…");
  people.take({ present: [me], count: 1, typing: [] }, 0);
  assert.deepEqual(people.writingNow(0), []);
});
