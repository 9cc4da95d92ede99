/** The outbox is emptied in order, and every answer of the server leads to the right end. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ApiError } from "../../porch/static/js/api.js";
import { Outbox } from "../../porch/static/js/outbox.js";
import { Sender } from "../../porch/static/js/sender.js";
import { message } from "./factories.js";

/** @param {...(number | "ok")} answers statuses, the last one for all further tries */
function sending(...answers) {
  const outbox = new Outbox();
  /** @type {string[]} */
  const tries = [];
  /** @type {string[]} */
  const stored = [];
  /** @type {string[]} */
  const refusals = [];
  const sender = new Sender(outbox, {
    send: async ({ clientId }) => {
      tries.push(clientId);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer !== "ok") throw new ApiError(answer ?? 0, { code: "x", message: "No." }, answer === 429 ? 2 : null);
      stored.push(clientId);
      return message(stored.length, { client_id: clientId });
    },
    onSent: () => {},
    onRefused: (problem) => refusals.push(problem),
    onChange: () => {},
  });
  return { outbox, sender, tries, stored, refusals };
}

/** Lets the clock run. @param {number} milliseconds */
async function pass(milliseconds) {
  for (let at = 0; at <= milliseconds; at += 100) {
    mock.timers.tick(100);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

test("messages are sent one after another", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.after(() => mock.timers.reset());
  const { outbox, sender, stored } = sending("ok");
  for (const id of ["a", "b", "c"]) { outbox.add(id, id, Date.now()); sender.go(); }
  await pass(100);
  assert.deepEqual(stored, ["a", "b", "c"]);
});

for (const status of [0, 500, 503, 429]) {
  test(`status ${status} is tried again by itself, in order`, async (t) => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    t.after(() => mock.timers.reset());
    const { outbox, sender, tries, stored } = sending(status, "ok");
    for (const id of ["a", "b"]) { outbox.add(id, id, Date.now()); sender.go(); }
    await pass(200);
    assert.deepEqual(tries, ["a"]);
    await pass(3000);
    assert.deepEqual(tries, ["a", "a", "b"]);
    assert.deepEqual(stored, ["a", "b"]);
  });
}

for (const status of [400, 403, 404, 409]) {
  test(`status ${status} is a refusal: no further try, and the next message goes out`, async (t) => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    t.after(() => mock.timers.reset());
    const { outbox, sender, tries, refusals } = sending(status, "ok");
    for (const id of ["a", "b"]) { outbox.add(id, id, Date.now()); sender.go(); }
    await pass(20_000);
    assert.deepEqual(tries, ["a", "b"]);
    assert.deepEqual(outbox.entries.map((entry) => `${entry.clientId} ${entry.state}`), ["a failed", "b sent"]);
    assert.deepEqual(refusals, ["No."]);
  });
}
