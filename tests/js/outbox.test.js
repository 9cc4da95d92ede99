/** What happens to a message between writing it and seeing it in the log. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../porch/static/js/log/outbox.js";

/** @import { Kept } from "../../porch/static/js/log/outbox_store.js" */

/** @param {...string} ids */
function holding(...ids) {
  const outbox = new Outbox();
  for (const [index, id] of ids.entries()) {
    outbox.add(id, `text ${id}`, 0);
    outbox.place(id, index + 1);
  }
  return outbox;
}

/** @param {string} id @param {number} order @param {Partial<Kept>} [fields] @returns {Kept} */
function kept(id, order, fields = {}) {
  return { client_id: id, user_id: 1, chat_id: 7, content: `text ${id}`, at: 0, order, problem: "", ...fields };
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

test("a message that is not kept yet is shown and not sent", () => {
  const outbox = new Outbox();
  outbox.add("a", "text", 0);
  assert.deepEqual(states(outbox), ["a queued"]);
  assert.equal(outbox.take(0), null);
  assert.equal(outbox.wakeAt, null);
  outbox.place("a", 5);
  assert.equal(outbox.take(0)?.clientId, "a");
});

test("a message that cannot be kept goes out all the same, after all others", () => {
  const outbox = holding("a", "b");
  outbox.add("c", "text", 0);
  outbox.place("c", null);
  outbox.takeOver([kept("a", 1), kept("b", 2)]);
  assert.deepEqual(states(outbox), ["a queued", "b queued", "c queued"]);
  assert.equal(outbox.unkept, true);
});

test("what other tabs and earlier pages have kept comes in its order", () => {
  const outbox = new Outbox();
  outbox.add("c", "text c", 0);
  outbox.place("c", 3);
  outbox.takeOver([kept("a", 1), kept("b", 2, { problem: "No." }), kept("c", 3), kept("d", 4)]);
  assert.deepEqual(states(outbox), ["a queued", "b failed", "c queued", "d queued"]);
  assert.equal(outbox.entries[1].problem, "No.");
});

test("a message that this tab has not kept yet stands behind those that are", () => {
  const outbox = new Outbox();
  outbox.add("mine", "text", 0);
  outbox.takeOver([kept("theirs", 9)]);
  assert.deepEqual(states(outbox), ["theirs queued", "mine queued"]);
});

test("what another tab has sent or thrown away goes, but not what is under way here", () => {
  const outbox = holding("a", "b", "c");
  for (const id of ["a", "b", "c"]) outbox.place(id, 1);
  outbox.take(0);
  outbox.takeOver([kept("c", 3)]);
  assert.deepEqual(states(outbox), ["a sending", "c queued"]);
});

test("what this tab is done with does not come back while the store still has it", () => {
  const outbox = holding("a", "b");
  outbox.take(0);
  outbox.sent("a", { rev: 1 });
  outbox.settle(new Set(), 1);
  outbox.discard("b");
  assert.deepEqual(outbox.takeOver([kept("a", 1), kept("b", 2)]), ["a", "b"]);
  assert.deepEqual(states(outbox), []);
  assert.deepEqual(outbox.takeOver([]), []);
  assert.equal(outbox.done.size, 0);
});

test("a refusal and a new try in another tab are taken over", () => {
  const outbox = holding("a");
  outbox.takeOver([kept("a", 1, { problem: "No." })]);
  assert.deepEqual(states(outbox), ["a failed"]);
  outbox.takeOver([kept("a", 1)]);
  assert.deepEqual(states(outbox), ["a queued"]);
});

test("a try that waits is not hurried by looking at the store", () => {
  const outbox = holding("a");
  outbox.take(0);
  outbox.postponed("a", { now: 0, chance: 0 });
  outbox.takeOver([kept("a", 1)]);
  assert.deepEqual(states(outbox), ["a waiting"]);
  assert.equal(outbox.wakeAt, 750);
});

test("settling names what was not known to be sent, so that it can be removed", () => {
  const outbox = holding("a", "b", "c");
  outbox.take(0);
  outbox.sent("a", { rev: 1 });
  assert.deepEqual(outbox.settle(new Set(["b"]), 1), ["b"]);
  assert.deepEqual(states(outbox), ["c queued"]);
});
