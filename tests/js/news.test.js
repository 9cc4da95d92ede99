/** What is shown of what waits, and when. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { News } from "../../porch/static/js/notifications/news.js";

/** @typedef {{hidden: boolean, firstChild: {nodeValue: string}}} Badge */

/** @type {Badge} */
let badge;

beforeEach(() => {
  badge = { hidden: true, firstChild: { nodeValue: "0" } };
  const made = { append() {}, setAttribute() {} };
  Object.assign(globalThis, { document: { getElementById: () => badge, createElement: () => made } });
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

/** @param {number} unread */
const told = (unread) => ({ directs: { unread, requests: 0 }, attention: unread });

/** Lets everything that waits for no timer happen. */
const settle = async () => { for (let turn = 0; turn < 20; turn++) await null; };

test("a message that is counted before it is here is not shown as waiting", async () => {
  let isHere = false;
  const answers = [told(1), told(0)];
  const shown = /** @type {number[]} */ ([]);
  const request = /** @type {any} */ (async () => answers.shift());
  const news = new News(request, { here: 1, read: async () => isHere && answers.length > 0, counted: (count) => shown.push(count) });
  const counting = news.count();
  await settle();
  isHere = true;
  mock.timers.tick(300);
  await counting;
  assert.deepEqual(shown, [0]);
  assert.equal(badge.hidden, true);
});

test("what waits elsewhere is shown, from a chat too", async () => {
  const request = /** @type {any} */ (async () => told(2));
  const counting = new News(request, { here: 1, read: async () => false }).count();
  await settle();
  mock.timers.tick(300);
  await counting;
  assert.deepEqual(badge, { hidden: false, firstChild: { nodeValue: "2" } });
});

test("an answer to an earlier question does not replace a later one's", async () => {
  const answers = [told(1), told(0)];
  const request = /** @type {any} */ (async () => answers.shift());
  const news = new News(request, { here: 1, read: async () => false });
  const earlier = news.count();
  await settle();
  await news.count();
  mock.timers.tick(300);
  await earlier;
  assert.equal(badge.hidden, true);
});
