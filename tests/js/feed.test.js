/** What the feed shows, and when it says that something is missing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { chat, feedAt, message, messages, page, pushed, room, shown } from "./factories.js";

/** @import { Feed } from "../../porch/static/js/log/feed.js" */
/** @import { Page } from "../../porch/static/js/base/types.js" */

/** @param {Feed} feed @param {Page[]} pages */
function drain(feed, ...pages) {
  feed.startDrain();
  for (const one of pages) feed.collect(one);
  return feed.finishDrain(pages[pages.length - 1].rev);
}

test("the next change is shown at once and moves the cursor", () => {
  const feed = feedAt(3);
  const outcome = feed.push(pushed(4));
  assert.deepEqual(shown(feed), [1, 2, 3, 4]);
  assert.equal(feed.rev, 4);
  assert.deepEqual(outcome.fresh.map((one) => one.seq), [4]);
  assert.equal(feed.behind, false);
});

test("a change that was read already is ignored", () => {
  const feed = feedAt(3);
  const outcome = feed.push(pushed(3, { content: "again" }));
  assert.deepEqual([outcome.fresh, outcome.changed], [[], false]);
  assert.equal(feed.messages[2].content, "text 3");
});

test("a change pushed twice is shown once", () => {
  const feed = feedAt(3);
  feed.push(pushed(4));
  feed.push(pushed(4));
  assert.deepEqual(shown(feed), [1, 2, 3, 4]);
});

test("nothing is shown past a hole, and the hole is reported", () => {
  const feed = feedAt(3);
  feed.push(pushed(5));
  feed.push(pushed(6));
  assert.deepEqual(shown(feed), [1, 2, 3]);
  assert.equal(feed.rev, 3);
  assert.equal(feed.behind, true);
});

test("changes that arrive out of order are shown in order once the hole is filled", () => {
  const feed = feedAt(3);
  for (const seq of [6, 5, 7]) feed.push(pushed(seq));
  const outcome = feed.push(pushed(4));
  assert.deepEqual(shown(feed), [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(outcome.fresh.map((one) => one.seq), [4, 5, 6, 7]);
  assert.equal(feed.behind, false);
});

test("a second hole behind the first stays a hole", () => {
  const feed = feedAt(1);
  for (const seq of [3, 5]) feed.push(pushed(seq));
  feed.push(pushed(2));
  assert.deepEqual(shown(feed), [1, 2, 3]);
  assert.equal(feed.behind, true);
});

test("hearing of a higher head means that something is missing", () => {
  const feed = feedAt(3);
  feed.hear(3);
  assert.equal(feed.behind, false);
  feed.hear(5);
  assert.equal(feed.behind, true);
});

test("when the server has nothing after the cursor, what was heard is let go", () => {
  const feed = feedAt(3);
  feed.hear(9);
  drain(feed, page([], { rev: 3, head: 3 }));
  feed.believe(9);
  assert.equal(feed.behind, false);
});

test("what was heard after the server was asked is not let go", () => {
  const feed = feedAt(3);
  feed.startDrain();
  feed.push(pushed(5));
  feed.collect(page([], { rev: 3, head: 3 }));
  feed.finishDrain(3);
  feed.believe(3);
  assert.equal(feed.behind, true);
});

test("a change that the server knows nothing of any more is not shown later, when its number comes again", () => {
  const feed = feedAt(3);
  feed.push(pushed(5, { content: "before the backup" }));
  drain(feed, page([], { rev: 3, head: 3 }));
  feed.believe(5);
  feed.push(pushed(4));
  assert.deepEqual(shown(feed), [1, 2, 3, 4]);
});

test("after a reload to a lower number nothing is shown that was pushed before it", () => {
  const feed = feedAt(9);
  feed.push(pushed(11));
  feed.restart(room(messages(1, 10), 8));
  feed.push(pushed(9));
  feed.push(pushed(10));
  assert.equal(feed.rev, 10);
  assert.equal(feed.behind, true);
});

test("what is written and taken back behind one hole is never shown", () => {
  const feed = feedAt(3);
  feed.push(pushed(5));
  feed.push(pushed(5, { rev: 6, content: "", deleted: true }));
  const outcome = feed.push(pushed(4));
  assert.deepEqual(shown(feed), [1, 2, 3, 4]);
  assert.deepEqual(outcome.fresh.map((one) => one.seq), [4]);
  assert.equal(feed.rev, 6);
});

test("a drain shows nothing before its last page", () => {
  const feed = feedAt(2);
  feed.startDrain();
  feed.collect(page(messages(3, 4), { rev: 4, head: 6, more: true }));
  assert.deepEqual(shown(feed), [1, 2]);
  feed.collect(page(messages(5, 6), { rev: 6, head: 6 }));
  feed.finishDrain(6);
  assert.deepEqual(shown(feed), [1, 2, 3, 4, 5, 6]);
  assert.equal(feed.rev, 6);
});

test("a new message that was edited since still takes its own place, not the place of its edit", () => {
  const feed = feedAt(2);
  drain(feed, page([message(4), message(5)], { rev: 5, head: 6, more: true }), page([message(3, { rev: 6, content: "edited" })], { rev: 6 }));
  assert.deepEqual(shown(feed), [1, 2, 3, 4, 5]);
  assert.equal(feed.messages[2].content, "edited");
});

test("a message that changes between two pages of a drain is shown once, in its last state", () => {
  const feed = feedAt(1);
  drain(feed, page([message(2), message(3)], { rev: 3, head: 4, more: true }), page([message(2, { rev: 4, content: "later" })], { rev: 4 }));
  assert.deepEqual(shown(feed), [1, 2, 3]);
  assert.equal(feed.messages[1].content, "later");
});

test("what is pushed during a drain waits for its end and is not shown twice", () => {
  const feed = feedAt(2);
  feed.startDrain();
  feed.push(pushed(3));
  feed.push(pushed(4));
  feed.push(pushed(5));
  assert.deepEqual(shown(feed), [1, 2]);
  feed.collect(page(messages(3, 4)));
  const outcome = feed.finishDrain(4);
  assert.deepEqual(shown(feed), [1, 2, 3, 4, 5]);
  assert.deepEqual(outcome.fresh.map((one) => one.seq), [3, 4, 5]);
  assert.equal(feed.behind, false);
});

test("a hole between a drain and what was pushed during it needs another fetch", () => {
  const feed = feedAt(2);
  feed.startDrain();
  feed.push(pushed(6));
  feed.collect(page(messages(3, 4)));
  feed.finishDrain(4);
  assert.deepEqual(shown(feed), [1, 2, 3, 4]);
  assert.equal(feed.behind, true);
});

test("a drain that failed leaves the cursor and what is shown as they were", () => {
  const feed = feedAt(2);
  feed.startDrain();
  feed.collect(page(messages(3, 4), { head: 9, more: true }));
  feed.abandonDrain();
  assert.equal(feed.rev, 2);
  assert.deepEqual(shown(feed), [1, 2]);
  assert.equal(feed.behind, true);
});

test("what was pushed during a failed drain is shown when it follows the cursor", () => {
  const feed = feedAt(2);
  feed.startDrain();
  feed.push(pushed(3));
  feed.abandonDrain();
  feed.release();
  assert.deepEqual(shown(feed), [1, 2, 3]);
});

test("an edit changes the message in its place", () => {
  const feed = feedAt(3);
  const outcome = feed.push(pushed(2, { rev: 4, content: "edited" }));
  assert.deepEqual(shown(feed), [1, 2, 3]);
  assert.equal(feed.messages[1].content, "edited");
  assert.deepEqual([outcome.fresh, outcome.changed], [[], true]);
});

test("a deleted message that was shown stays as a tombstone", () => {
  const feed = feedAt(3);
  feed.push(pushed(2, { rev: 4, content: "", deleted: true }));
  assert.deepEqual(shown(feed), [1, 2, 3]);
  assert.equal(feed.messages[1].deleted, true);
});

test("a tombstone of a message never shown is not shown", () => {
  const feed = feedAt(1);
  const outcome = drain(feed, page([message(3), message(2, { rev: 4, deleted: true })]));
  assert.deepEqual(shown(feed), [1, 3]);
  assert.deepEqual(outcome.fresh.map((one) => one.seq), [3]);
});

test("a message that is created and deleted within one drain is not shown", () => {
  const feed = feedAt(1);
  drain(feed, page([message(2), message(3)], { rev: 3, head: 4, more: true }), page([message(2, { rev: 4, deleted: true })]));
  assert.deepEqual(shown(feed), [1, 3]);
});

test("a change to a message that is not loaded shows nothing but moves the cursor", () => {
  const feed = feedAt(400);
  assert.equal(feed.messages[0].seq, 1);
  const small = feedAt(0, 2);
  for (const seq of [1, 2, 3]) small.push(pushed(seq));
  const outcome = small.push(pushed(1, { rev: 4, content: "edited" }));
  assert.deepEqual(shown(small), [2, 3]);
  assert.deepEqual([outcome.fresh, outcome.changed], [[], false]);
  assert.deepEqual(outcome.touched.map(({ seq, content }) => [seq, content]), [[1, "edited"]]);
  assert.equal(small.rev, 4);
});

test("a message that is shown outside of the window is changed there, and never back to an older state", () => {
  const feed = feedAt(3, 2);
  feed.push(pushed(4));
  feed.push(pushed(5));
  feed.keep(message(1));
  assert.equal(feed.push(pushed(1, { rev: 6, content: "edited" })).changed, true);
  assert.equal(feed.at(1)?.content, "edited");
  feed.keep(message(1));
  assert.equal(feed.at(1)?.content, "edited");
});

test("a rename takes its number like a message does", () => {
  const feed = feedAt(3);
  feed.push({ kind: "chat", rev: 4, chat: chat({ rev: 4, name: "The ladder" }) });
  feed.push(pushed(5));
  assert.equal(feed.chat.name, "The ladder");
  assert.deepEqual(shown(feed), [1, 2, 3, 5]);
});

test("a rename behind a hole is not shown yet", () => {
  const feed = feedAt(3);
  feed.push({ kind: "chat", rev: 5, chat: chat({ rev: 5, name: "The ladder" }) });
  assert.equal(feed.chat.name, "The ridge station");
});

test("a rename keeps what the announcement does not say, such as whose room it is", () => {
  const feed = feedAt(0);
  feed.chat = chat({ mine: true });
  feed.push({ kind: "chat", rev: 1, chat: chat({ rev: 1, name: "The ladder" }) });
  assert.equal(feed.chat.mine, true);
});

test("a room that was emptied past the cursor has to be read anew", () => {
  const feed = feedAt(3);
  feed.push({ kind: "chat", rev: 4, chat: chat({ rev: 4, reset_rev: 4 }) });
  assert.equal(feed.mustReload, true);
  assert.equal(feed.behind, true);
  assert.equal(feed.rev, 3);
});

test("a reset found by a drain shows none of what was collected", () => {
  const feed = feedAt(3);
  drain(feed, page([message(6)], { chat: chat({ rev: 5, reset_rev: 5 }) }));
  assert.equal(feed.mustReload, true);
  assert.deepEqual(shown(feed), [1, 2, 3]);
});

test("an old reset that was read before does not reload the room", () => {
  const feed = feedAt(9);
  feed.push({ kind: "chat", rev: 10, chat: chat({ rev: 10, reset_rev: 5, name: "New" }) });
  assert.equal(feed.mustReload, false);
  assert.equal(feed.chat.name, "New");
});

test("after a reload the room is as read, and what was pushed meanwhile follows", () => {
  const feed = feedAt(3);
  feed.push({ kind: "chat", rev: 4, chat: chat({ rev: 4, reset_rev: 4 }) });
  feed.push(pushed(5));
  feed.push(pushed(6));
  assert.deepEqual(shown(feed), [1, 2, 3]);
  feed.restart(room([message(5)], 5));
  assert.deepEqual(shown(feed), [5, 6]);
  assert.equal(feed.rev, 6);
  assert.equal(feed.behind, false);
});

test("a reload may lead to a lower number, when the server was put back to an earlier state", () => {
  const feed = feedAt(9);
  feed.restart(room(messages(1, 4), 4));
  assert.equal(feed.rev, 4);
  drain(feed, page([], { rev: 4, head: 4 }));
  feed.believe(9);
  assert.equal(feed.behind, false);
  feed.push(pushed(5));
  assert.deepEqual(shown(feed), [1, 2, 3, 4, 5]);
});

test("a message that a page of history brought in a later state is not put back by an earlier change", () => {
  const feed = feedAt(3);
  feed.window.replace([message(1, { rev: 6, content: "edited twice" }), message(2), message(3)], 4, false, 3);
  feed.push(pushed(4));
  feed.push(pushed(1, { rev: 5, content: "edited once" }));
  assert.equal(feed.messages[0].content, "edited twice");
});

test("what a room is read with and what is taken back meanwhile is not shown", () => {
  const feed = feedAt(3);
  feed.push({ kind: "chat", rev: 4, chat: chat({ rev: 4, reset_rev: 4 }) });
  feed.push(pushed(5, { rev: 6, content: "", deleted: true }));
  feed.restart(room([message(5)], 5));
  assert.deepEqual(shown(feed), []);
});
