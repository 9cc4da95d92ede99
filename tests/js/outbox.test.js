/** What happens to a message between writing it and seeing it in the log. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../porch/static/js/outbox.js";

/** @param {...string} ids */
function holding(...ids) {
  const outbox = new Outbox();
  for (const id of ids) outbox.add(id, `text ${id}`, 0);
  return outbox;
}

/** @param {Outbox} outbox */
const states = (outbox) => outbox.entries.map((entry) => `${entry.clientId} ${entry.state}`);

test("a message goes out at once when nothing else is under way", () => {
  const outbox = holding("a");
  assert.equal(outbox.wakeAt, 0);
  assert.equal(outbox.take(0)?.clientId, "a");
  assert.deepEqual(states(outbox), ["a sending"]);
});

test("one message is under way at a time", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  assert.equal(outbox.take(0), null);
  assert.equal(outbox.wakeAt, null);
});

test("messages go out in the order they were written", () => {
  const outbox = holding("a", "b", "c");
  const order = [];
  for (let entry = outbox.take(0); entry; entry = outbox.take(0)) {
    order.push(entry.clientId);
    outbox.sent(entry.clientId, { rev: order.length });
  }
  assert.deepEqual(order, ["a", "b", "c"]);
});

test("a message that waits for its next try is not overtaken", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  outbox.postponed("a", { now: 0, chance: 0 });
  assert.equal(outbox.take(100), null);
  assert.equal(outbox.take(outbox.wakeAt ?? 0)?.clientId, "a");
});

test("the pauses between tries grow up to a limit", () => {
  const outbox = holding("a");
  const pauses = [];
  for (let turn = 0; turn < 8; turn += 1) {
    outbox.take(Infinity);
    outbox.postponed("a", { now: 0, chance: 0.5 });
    pauses.push(outbox.wakeAt);
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000]);
});

test("chance spreads the next try by a quarter to both sides", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.postponed("a", { now: 0, chance: 0 });
  assert.equal(outbox.wakeAt, 750);
  outbox.take(Infinity);
  outbox.postponed("a", { now: 0, chance: 0.999 });
  assert.ok((outbox.wakeAt ?? 0) > 2400 && (outbox.wakeAt ?? 0) < 2500);
});

test("too fast waits as long as the server says, then goes by itself", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.postponed("a", { now: 5000, retryAfter: 3, chance: 0 });
  assert.equal(outbox.take(7999), null);
  assert.equal(outbox.take(8000)?.clientId, "a");
});

test("being too fast does not count as a try that failed", () => {
  const outbox = holding("a");
  for (let turn = 0; turn < 5; turn += 1) {
    outbox.take(Infinity);
    outbox.postponed("a", { now: 0, retryAfter: 1, chance: 0 });
  }
  assert.equal(outbox.entries[0].tries, 0);
});

test("when the line is back nothing waits any longer, except what the server asked to wait for", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.postponed("a", { now: 0, chance: 0 });
  outbox.hurry();
  assert.equal(outbox.take(1)?.clientId, "a");
  const slowed = holding("b");
  slowed.take(0);
  slowed.postponed("b", { now: 0, retryAfter: 10, chance: 0 });
  slowed.hurry();
  assert.equal(slowed.take(1), null);
});

test("every try carries the same client id and text", () => {
  const outbox = holding("a");
  const first = { ...outbox.take(0) };
  outbox.postponed("a", { now: 0, chance: 0 });
  const second = { ...outbox.take(Infinity) };
  outbox.refused("a", "No.");
  outbox.retry("a");
  const third = { ...outbox.take(Infinity) };
  for (const again of [second, third]) assert.deepEqual([again.clientId, again.content], [first.clientId, first.content]);
});

test("a refused message stays with its reason and does not hold up the next", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  outbox.refused("a", "Too long.");
  assert.equal(outbox.entries[0].problem, "Too long.");
  assert.equal(outbox.take(0)?.clientId, "b");
});

test("a refused message that is tried again keeps its place before later ones", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  outbox.refused("a", "No.");
  outbox.retry("a");
  assert.deepEqual(states(outbox), ["a queued", "b queued"]);
  assert.equal(outbox.take(0)?.clientId, "a");
});

test("retrying a message that is under way changes nothing", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.retry("a");
  assert.deepEqual(states(outbox), ["a sending"]);
});

test("a waiting message can be tried at once", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.postponed("a", { now: 0, chance: 0 });
  outbox.retry("a");
  assert.equal(outbox.take(1)?.clientId, "a");
});

test("a discarded message is gone, and the next goes out", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  outbox.postponed("a", { now: 0, chance: 0 });
  outbox.discard("a");
  assert.deepEqual(states(outbox), ["b queued"]);
  assert.equal(outbox.take(0)?.clientId, "b");
});

test("news about a discarded message is ignored", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.discard("a");
  outbox.sent("a", { rev: 4 });
  outbox.postponed("a", { now: 0 });
  assert.deepEqual(outbox.entries, []);
});

test("a sent message stays until the log has come to its place", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.sent("a", { rev: 9 });
  outbox.settle(new Set(), 8);
  assert.deepEqual(states(outbox), ["a sent"]);
  outbox.settle(new Set(), 9);
  assert.deepEqual(states(outbox), []);
});

test("a message that the log shows before its answer arrives is let go at once", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  outbox.settle(new Set(["a"]), 3);
  assert.deepEqual(states(outbox), ["b queued"]);
  assert.equal(outbox.take(0)?.clientId, "b");
});

test("unsent messages are not let go by the log's progress", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  outbox.refused("a", "No.");
  outbox.settle(new Set(), 100);
  assert.deepEqual(states(outbox), ["a failed", "b queued"]);
});

test("an empty outbox waits for nothing", () => {
  const outbox = new Outbox();
  assert.equal(outbox.wakeAt, null);
  assert.equal(outbox.take(0), null);
});
