/** The loaded part of the log stays bounded, and reading up in history neither loses nor repeats a message. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed } from "../../porch/static/js/log/feed.js";
import { chat, feedAt, message, messages, pushed, shown } from "./factories.js";

/** @param {number} first @param {number} last */
const numbers = (first, last) => messages(first, last).map((one) => one.seq);

/** A feed at 100 with room for 20 messages, scrolled up until 31 to 50 are loaded. */
function readingUp() {
  const feed = feedAt(0, 20);
  for (let seq = 1; seq <= 100; seq += 1) feed.push(pushed(seq));
  feed.window.following = false;
  for (const first of [71, 61, 51, 41, 31]) feed.window.prepend(messages(first, first + 9), true);
  return feed;
}

/** Asks for newer pages until the end, like the page does. @param {Feed} feed @param {(before: number) => import("../../porch/static/js/base/types.js").Message[]} read */
function goDown(feed, read) {
  let turns = 0;
  while (feed.window.moreAfter) {
    const before = feed.window.newerBefore(feed.rev, 10);
    feed.window.extend(read(before), before, feed.rev);
    assert.ok((turns += 1) < 100, "never gets to the end");
  }
}

test("while following, the oldest go and the newest stay", () => {
  const feed = feedAt(0, 20);
  for (let seq = 1; seq <= 100; seq += 1) feed.push(pushed(seq));
  assert.deepEqual(shown(feed), numbers(81, 100));
  assert.equal(feed.window.moreBefore, true);
  assert.equal(feed.window.moreAfter, false);
});

test("an older page goes in front, and the newest go when there are too many", () => {
  const feed = readingUp();
  assert.deepEqual(shown(feed), numbers(31, 50));
  assert.equal(feed.window.moreAfter, true);
});

test("an older page that overlaps what is loaded repeats nothing", () => {
  const feed = feedAt(0, 20);
  for (let seq = 11; seq <= 15; seq += 1) feed.window.append(message(seq));
  feed.window.prepend(messages(8, 12), false);
  assert.deepEqual(shown(feed), numbers(8, 15));
});

test("new messages that come while reading up are not put behind a gap", () => {
  const feed = readingUp();
  const outcome = feed.push(pushed(101));
  assert.deepEqual(shown(feed), numbers(31, 50));
  assert.deepEqual(outcome.fresh.map((one) => one.seq), [101]);
  assert.equal(feed.rev, 101);
});

test("a reader who is not at the end keeps the lines being read when the window is full", () => {
  const feed = feedAt(0, 20);
  for (let seq = 1; seq <= 20; seq += 1) feed.push(pushed(seq));
  feed.window.following = false;
  feed.push(pushed(21));
  assert.deepEqual(shown(feed), numbers(1, 20));
  assert.equal(feed.window.moreAfter, true);
});

test("going down again shows every message once, also those that came meanwhile", () => {
  const feed = readingUp();
  feed.push(pushed(101));
  const seen = new Set(shown(feed));
  goDown(feed, (before) => {
    const page = messages(Math.max(1, before - 10), before - 1);
    for (const one of page) seen.add(one.seq);
    return page;
  });
  assert.deepEqual(shown(feed), numbers(82, 101));
  assert.deepEqual([...seen].sort((a, b) => a - b), numbers(31, 101));
});

test("going down finds its way over numbers that no message has", () => {
  const feed = readingUp();
  const sparse = messages(1, 100).filter((one) => one.seq <= 52 || one.seq >= 90);
  goDown(feed, (before) => sparse.filter((one) => one.seq < before).slice(-10));
  assert.deepEqual(shown(feed).filter((seq) => seq > 50), [51, 52, ...numbers(90, 100)]);
});

test("a message that arrives while the last newer page is under way is fetched too", () => {
  const feed = readingUp();
  let late = true;
  goDown(feed, (before) => {
    if (before > 100 && late) {
      late = false;
      feed.push(pushed(101));
    }
    return messages(before - 10, before - 1);
  });
  assert.equal(shown(feed).at(-1), 101);
  feed.window.following = true;
  feed.push(pushed(102));
  assert.deepEqual(shown(feed).slice(-2), [101, 102]);
});

test("a jump to the newest starts the window again without a gap at its end", () => {
  const feed = readingUp();
  const before = feed.rev + 1;
  feed.push(pushed(101));
  feed.window.replace(messages(91, 100), before, true, feed.rev);
  assert.equal(feed.window.moreAfter, true);
  goDown(feed, (next) => messages(next - 10, next - 1));
  assert.deepEqual(shown(feed), numbers(91, 101));
});

test("an edit that is pushed while an older page is under way is not undone by that page", () => {
  const feed = feedAt(0, 20);
  for (let seq = 1; seq <= 40; seq += 1) feed.push(pushed(seq));
  const underWay = messages(11, 20);
  feed.push(pushed(15, { rev: 41, content: "edited" }));
  feed.window.prepend(underWay, true);
  assert.equal(feed.messages.find((one) => one.seq === 15)?.content, "edited");
});

test("a deletion that is pushed while an older page is under way takes the message out of it", () => {
  const feed = feedAt(0, 20);
  for (let seq = 1; seq <= 40; seq += 1) feed.push(pushed(seq));
  const underWay = messages(11, 20);
  feed.push(pushed(15, { rev: 41, deleted: true }));
  feed.window.prepend(underWay, true);
  assert.equal(shown(feed).includes(15), false);
});

test("deleted messages in a page of history are not shown", () => {
  const feed = feedAt(0, 20);
  feed.push(pushed(1));
  feed.window.prepend([message(0, { deleted: true })], false);
  assert.deepEqual(shown(feed), [1]);
});

test("a page of history in which everything was deleted does not stop the way up", () => {
  const feed = feedAt(0, 20);
  for (let seq = 1; seq <= 40; seq += 1) feed.push(pushed(seq));
  feed.window.prepend(messages(11, 20).map((one) => ({ ...one, rev: 50 + one.seq, deleted: true })), true);
  assert.equal(feed.window.bottom, 11);
  feed.window.prepend(messages(1, 10), false);
  assert.deepEqual(shown(feed).slice(0, 11), [...numbers(1, 10), 21]);
});

test("an empty page of history is the beginning, whatever it says", () => {
  const feed = feedAt(0, 20);
  feed.push(pushed(1));
  feed.window.moreBefore = true;
  feed.window.prepend([], true);
  assert.equal(feed.window.moreBefore, false);
});

test("a page from before more changes than are kept is known to be old", () => {
  const feed = feedAt(0, 20);
  for (let seq = 1; seq <= 600; seq += 1) feed.push(pushed(seq));
  const { turn } = feed.window;
  for (let seq = 1; seq <= 500; seq += 1) feed.push(pushed(seq, { rev: 600 + seq, content: "edited" }));
  assert.equal(feed.window.turn, turn);
  feed.push(pushed(501, { rev: 1101, content: "edited" }));
  assert.notEqual(feed.window.turn, turn);
});

test("a jump to the newest does not undo a change that came meanwhile to a message that is loaded", () => {
  const feed = feedAt(3);
  const page = messages(1, 3);
  feed.push(pushed(2, { rev: 4, content: "edited" }));
  feed.window.replace(page, 4, false, 4);
  assert.equal(feed.messages[1].content, "edited");
});

test("around a message, everything up to it counts as loaded, and newer ones come after it", () => {
  const feed = new Feed({ chat: chat(), messages: messages(10, 12), rev: 40, moreBefore: true, moreAfter: true, at: 14 });
  assert.equal(feed.window.newerBefore(40, 10), 25);
  feed.window.extend(messages(15, 24), 25, 40);
  assert.deepEqual(shown(feed), [...numbers(10, 12), ...numbers(15, 24)]);
  assert.equal(feed.window.moreAfter, true);
});

test("around a message of a stretch that was all deleted, older ones are asked for from there", () => {
  const feed = new Feed({ chat: chat(), messages: [], rev: 400, moreBefore: true, moreAfter: true, at: 200 });
  assert.equal(feed.window.bottom, 201);
});
