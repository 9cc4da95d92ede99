/** A page notices that it was away, by the clock and by what the browser says; and not without a reason. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { onWaking } from "../../porch/static/js/log/wake.js";

/** @import { Why } from "../../porch/static/js/log/wake.js" */

let page = Object.assign(new EventTarget(), { hidden: false });
let browser = new EventTarget();
/** @type {Why[]} */
const woken = [];

beforeEach(() => {
  mock.timers.enable({ apis: ["setInterval", "Date"], now: 1_000_000 });
  page = Object.assign(new EventTarget(), { hidden: false });
  browser = new EventTarget();
  woken.length = 0;
  Object.assign(globalThis, { document: page, addEventListener: browser.addEventListener.bind(browser) });
  onWaking((why) => woken.push(why));
});
afterEach(() => mock.timers.reset());

/** The clock on the wall goes on while timers stand still; then the next tick comes. @param {number} milliseconds */
function sleep(milliseconds) {
  mock.timers.setTime(Date.now() + milliseconds);
  mock.timers.tick(2000);
}

/** @param {boolean} hidden */
function look(hidden) {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

/** @param {number} milliseconds */
function pass(milliseconds) {
  for (let at = 0; at < milliseconds; at += 2000) mock.timers.tick(2000);
}

test("a clock that goes on as it should wakes nobody", () => {
  pass(3_600_000);
  assert.deepEqual(woken, []);
});

test("a gap between two ticks is a sleep", () => {
  sleep(60_000);
  assert.deepEqual(woken, ["slept"]);
  pass(10_000);
  assert.deepEqual(woken, ["slept"]);
});

test("a page that is slow for a few seconds has not slept", () => {
  sleep(3000);
  assert.deepEqual(woken, []);
});

test("out of sight a page that ticks once a minute has not slept", () => {
  look(true);
  sleep(60_000);
  assert.deepEqual(woken, []);
  sleep(600_000);
  assert.deepEqual(woken, ["slept"]);
});

test("coming into sight is a look, and after a long time a sleep", () => {
  look(true);
  assert.deepEqual(woken, []);
  look(false);
  assert.deepEqual(woken, ["looked"]);
  look(true);
  mock.timers.setTime(Date.now() + 600_000);
  look(false);
  assert.equal(woken.at(-1), "slept");
});

test("another network, and being taken back after being kept aside, are reasons", () => {
  browser.dispatchEvent(new Event("online"));
  browser.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  assert.deepEqual(woken, ["network"]);
  browser.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  assert.deepEqual(woken, ["network", "slept"]);
});
