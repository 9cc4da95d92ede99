/** Moving through history over requests: one at a time, always to an end. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { History } from "../../porch/static/js/log/history.js";
import { feedAt, messages, page, pushed, room, shown } from "./factories.js";

/** @type {number[]} the `before` of every request */
let asked = [];
let broken = false;

/** A feed that has read 400 messages, in a window of 100 that was scrolled up to the beginning. */
function atTheBeginning() {
  const feed = feedAt(0, 100);
  for (let seq = 1; seq <= 400; seq += 1) feed.push(pushed(seq));
  feed.window.following = false;
  for (const first of [251, 201, 151, 101, 51, 1]) feed.window.prepend(messages(first, first + 49), first > 1);
  asked = [];
  return feed;
}

const original = globalThis.fetch;
afterEach(() => { globalThis.fetch = original; });
beforeEach(() => {
  broken = false;
  globalThis.fetch = async (path) => {
    const before = Number(new URL(String(path), "http://porch.example").searchParams.get("before"));
    asked.push(before);
    await new Promise((answer) => setTimeout(answer, 1));
    if (broken) throw new TypeError("no network");
    return Response.json(page(messages(Math.max(1, before - 50), Math.min(400, before - 1)), { more: before > 51, head: 400 }));
  };
});

test("a page that is asked for twice is fetched once", async () => {
  const feed = atTheBeginning();
  const history = new History(feed, () => {});
  await Promise.all([history.newer(), history.newer()]);
  assert.equal(asked.length, 1);
});

test("going to the newest while another page is under way comes to an end", async () => {
  const feed = atTheBeginning();
  const history = new History(feed, () => {});
  const under = history.newer();
  await history.newest();
  await under;
  assert.equal(feed.window.moreAfter, false);
  assert.equal(shown(feed).at(-1), 400);
});

test("a page that every change of the log asks for does not keep the way to the newest from ending", async () => {
  const feed = atTheBeginning();
  /** @type {History} */
  const history = new History(feed, () => { if (feed.window.moreAfter) void history.newer(); });
  await history.newest();
  assert.equal(shown(feed).at(-1), 400);
});

test("without a network the way to the newest ends where it was, and rests", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const feed = atTheBeginning();
  const history = new History(feed, () => {});
  broken = true;
  await history.newest();
  await history.newest();
  assert.equal(asked.length, 1);
  assert.deepEqual(shown(feed), messages(1, 100).map((one) => one.seq));
});

test("only a page that takes 300 ms is called slow, and only until it is there", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const feed = atTheBeginning();
  /** @type {(page: Response) => void} */
  let answer = () => {};
  globalThis.fetch = () => new Promise((resolve) => { answer = resolve; });
  /** @type {boolean[]} */
  const told = [];
  const history = new History(feed, () => told.push(history.slow));

  const running = history.newer();
  t.mock.timers.tick(299);
  assert.deepEqual(told, []);
  t.mock.timers.tick(1);
  assert.deepEqual(told, [true]);
  answer(Response.json(page(messages(101, 150), { head: 400 })));
  await running;
  assert.deepEqual(told, [true, false]);

  const quick = history.newer();
  answer(Response.json(page(messages(151, 200), { head: 400 })));
  await quick;
  t.mock.timers.tick(1000);
  assert.deepEqual(told, [true, false, false]);
});

test("a page that was asked for before the room was emptied is not put into what was read since", async () => {
  const feed = atTheBeginning();
  const history = new History(feed, () => {});
  const under = history.newest();
  feed.restart(room(messages(402, 403), 403));
  await under;
  assert.deepEqual(shown(feed), [402, 403]);
});

test("a page that long texts have cut is put together until nothing is missing", async () => {
  const feed = atTheBeginning();
  globalThis.fetch = async (path) => {
    const before = Number(new URL(String(path), "http://porch.example").searchParams.get("before"));
    asked.push(before);
    return Response.json(page(messages(before - 20, before - 1), { more: true, head: 400 }));
  };
  await new History(feed, () => {}).newer();
  assert.deepEqual(asked, [151, 131, 111]);
  assert.deepEqual(shown(feed).slice(-60), messages(91, 150).map((one) => one.seq));
});
