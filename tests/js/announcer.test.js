/** What is read aloud of new messages, and when. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Announcer, spoken } from "../../porch/static/js/log/announcer.js";
import { Clock } from "../../porch/static/js/base/time.js";
import { message } from "./factories.js";

const clock = new Clock({ timeZone: "UTC" });
/** @import { Message } from "../../porch/static/js/base/types.js" */

/** @type {string[][]} what was said, time by time */
let said = [];
/** @type {Announcer<Message>} */
let announcer;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  said = [];
  announcer = new Announcer((lines) => said.push(lines), { sentence: (message) => spoken(message, clock), burst: (num) => `${num} new messages. The last:` });
});

test("a message is read as author, text, time", () => {
  announcer.add([message(1, { content: "Who has a ladder?" })]);
  mock.timers.tick(600);
  assert.deepEqual(said, [["Oda: Who has a ladder? 18:02"]]);
});

test("messages that come close together are said at once", () => {
  announcer.add([message(1)]);
  mock.timers.tick(500);
  announcer.add([message(2)]);
  mock.timers.tick(100);
  assert.equal(said.length, 1);
  assert.equal(said[0].length, 2);
});

test("a burst is a number and its last message", () => {
  for (let seq = 1; seq <= 40; seq += 1) announcer.add([message(seq)]);
  mock.timers.tick(600);
  assert.deepEqual(said, [["40 new messages. The last:", "Oda: text 40. 18:02"]]);
});

test("a room in which much is said is spoken of every three seconds, and of every message", () => {
  for (let seq = 1; seq <= 100; seq += 1) {
    announcer.add([message(seq)]);
    mock.timers.tick(100);
  }
  mock.timers.tick(3000);
  assert.equal(said.length, 5);
  const spoken = said.map(([first]) => Number.parseInt(first, 10));
  assert.equal(spoken.reduce((sum, count) => sum + count), 100);
});

test("nothing new is nothing said", () => {
  announcer.add([]);
  mock.timers.tick(10_000);
  assert.deepEqual(said, []);
});

test("what hurries less is said with longer pauses", () => {
  const calm = new Announcer((lines) => said.push(lines), { sentence: (/** @type {string} */ name) => `New room: ${name}.`, burst: (num) => `${num} new rooms. The last:`, pause: 10_000 });
  calm.add(["Seed swap"]);
  mock.timers.tick(600);
  calm.add(["Radio hour"]);
  mock.timers.tick(9_000);
  assert.deepEqual(said, [["New room: Seed swap."]]);
  mock.timers.tick(1_000);
  assert.deepEqual(said[1], ["New room: Radio hour."]);
});

test("a long text is cut", () => {
  announcer.add([message(1, { content: "x".repeat(10_000) })]);
  mock.timers.tick(600);
  assert.ok(said[0][0].length < 350);
  assert.match(said[0][0], /x …/);
});
