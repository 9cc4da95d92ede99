/** The outbox is emptied in order, every answer of the server leads to the right end, and tabs take turns. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { ApiError } from "../../porch/static/js/base/api.js";
import { Outbox } from "../../porch/static/js/log/outbox.js";
import { Sender } from "../../porch/static/js/log/sender.js";
import { message } from "./factories.js";
import { never, storeOf } from "./kept.js";
import { StoreModel } from "./store_model.js";

/** @import { Store, Word } from "../../porch/static/js/log/sender.js" */

/** @typedef {number | "ok" | "never" | "no_keys" | "new"} Answer a word for what a line of locks says */

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 }));
afterEach(() => mock.timers.reset());

/**
 * A tab in front of a server.
 * @param {Answer[]} answers what they are, mostly statuses, the last one for all further tries
 * @param {Promise<Store | null>} [opening]
 */
function tab(answers, opening) {
  const outbox = new Outbox();
  /** @type {string[]} */
  const tries = [];
  /** @type {string[]} */
  const stored = [];
  /** @type {string[]} */
  const refusals = [];
  /** @type {Word[]} */
  const words = [];
  const sender = new Sender(outbox, {
    send: async ({ clientId }) => {
      tries.push(clientId);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === "never") return never();
      if (answer === "no_keys" || answer === "new") throw new ApiError(409, { code: answer, message: "No." });
      if (answer !== "ok") throw new ApiError(answer ?? 0, { code: "x", message: "No." }, answer === 429 ? 2 : null);
      stored.push(clientId);
      return message(stored.length, { client_id: clientId });
    },
    onSent: () => {},
    onRefused: (problem) => refusals.push(problem),
    onChange: () => {},
    tell: (word) => words.push(word),
  }, opening);
  sender.go();
  return { outbox, sender, tries, stored, refusals, words, answers };
}

/** @param {StoreModel} model */
const over = (model) => Promise.resolve(storeOf(model));

/** @param {Outbox} outbox */
const states = (outbox) => outbox.entries.map((entry) => `${entry.clientId} ${entry.state}`);

/** Lets the clock run. @param {number} milliseconds */
async function pass(milliseconds) {
  for (let at = 0; at <= milliseconds; at += 100) {
    for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
    mock.timers.tick(100);
  }
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

for (const keeps of [true, false]) {
  const how = keeps ? "kept" : "in memory";
  /** @param {...Answer} answers */
  const sending = (...answers) => tab(answers, keeps ? over(new StoreModel()) : Promise.reject(new Error("no database")));

  test(`messages are sent one after another (${how})`, async () => {
    const { sender, stored } = sending("ok");
    for (const id of ["a", "b", "c"]) void sender.add(id, id);
    await pass(100);
    assert.deepEqual(stored, ["a", "b", "c"]);
    assert.equal(sender.keeps, keeps);
  });

  for (const status of [0, 500, 503, 429]) {
    test(`status ${status} is tried again by itself, in order (${how})`, async () => {
      const { sender, tries, stored } = sending(status, "ok");
      for (const id of ["a", "b"]) void sender.add(id, id);
      await pass(200);
      assert.deepEqual(tries, ["a"]);
      await pass(5000);
      assert.deepEqual(tries, ["a", "a", "b"]);
      assert.deepEqual(stored, ["a", "b"]);
    });
  }

  for (const status of [400, 403, 404, 409]) {
    test(`status ${status} is a refusal: no further try, and the next message goes out (${how})`, async () => {
      const { outbox, sender, tries, refusals } = sending(status, "ok");
      for (const id of ["a", "b"]) void sender.add(id, id);
      await pass(20_000);
      assert.deepEqual(tries, ["a", "b"]);
      assert.deepEqual(states(outbox), ["a failed", "b sent"]);
      assert.deepEqual(refusals, ["No."]);
    });
  }

  test(`whoever is logged out loses nothing and sends nothing more (${how})`, async () => {
    const { outbox, sender, tries, refusals } = sending(401);
    for (const id of ["a", "b"]) void sender.add(id, id);
    await pass(60_000);
    sender.hurry();
    await pass(1000);
    assert.deepEqual(tries, ["a"]);
    assert.equal(outbox.unsent.length, 2);
    assert.deepEqual(refusals, []);
  });

  test(`the line being back hurries what waits (${how})`, async () => {
    const { sender, tries } = sending(0, 0, 0, 0, "ok");
    void sender.add("a", "a");
    await pass(10_000);
    const before = tries.length;
    sender.hurry();
    await pass(200);
    assert.equal(tries.length, before + 1);
  });
}

test("what waits for one's keys goes out by itself when they are there, in order and once", async () => {
  const model = new StoreModel();
  const { sender, outbox, stored, refusals, answers } = tab(["new"], over(model));
  for (const id of ["a", "b"]) void sender.add(id, id);
  await pass(60_000);
  assert.deepEqual([states(outbox), refusals], [["a waiting", "b queued"], []]);
  assert.equal(outbox.entries[0].problem, "No.");
  void sender.add("c", "c");
  await pass(100);
  answers.splice(0, 1, "ok");
  sender.hurry();
  await pass(100);
  assert.deepEqual(stored, ["a", "b", "c"]);
  await pass(60_000);
  assert.deepEqual([stored, model.entries], [["a", "b", "c"], []]);
});

test("what found the other one without keys does not go out by itself", async () => {
  const { sender, outbox, stored, answers } = tab(["no_keys"], over(new StoreModel()));
  void sender.add("a", "a");
  await pass(100);
  assert.deepEqual(states(outbox), ["a failed"]);
  answers.splice(0, 1, "ok");
  sender.hurry();
  await pass(60_000);
  assert.deepEqual(stored, []);
  await sender.retry("a");
  await pass(100);
  assert.deepEqual(stored, ["a"]);
});

test("a message is kept before it is first sent, and until it has been answered", async () => {
  const model = new StoreModel();
  /** @type {string[][]} */
  const keptAtSending = [];
  const { sender, tries } = tab(["never"], over(model));
  const push = tries.push.bind(tries);
  tries.push = (...ids) => { keptAtSending.push(model.entries.map((entry) => entry.client_id)); return push(...ids); };
  void sender.add("a", "a");
  await pass(3000);
  assert.deepEqual(keptAtSending, [["a"]]);
  assert.deepEqual(model.entries.map((entry) => entry.client_id), ["a"]);
});

test("what is answered is removed, what is refused stays with its reason", async () => {
  const model = new StoreModel();
  const { sender } = tab(["ok", 400, "ok"], over(model));
  for (const id of ["a", "b", "c"]) void sender.add(id, id);
  await pass(1000);
  assert.deepEqual(model.entries.map((entry) => [entry.client_id, entry.problem]), [["b", "No."]]);
});

test("a page that comes after sends what the one before has left, and shows what was refused", async () => {
  const model = new StoreModel();
  const first = tab([400, "never"], over(model));
  for (const id of ["refused", "a", "b"]) void first.sender.add(id, id);
  await pass(1000);
  first.sender.leave();
  const second = tab(["ok"], over(model));
  await pass(1000);
  assert.deepEqual(second.stored, ["a", "b"]);
  assert.deepEqual(states(second.outbox), ["refused failed", "a sent", "b sent"]);
  void second.sender.retry("refused");
  await pass(1000);
  assert.deepEqual(second.stored, ["a", "b", "refused"]);
  assert.deepEqual(model.entries, []);
});

test("what is thrown away is gone from the store, and the next goes out", async () => {
  const model = new StoreModel();
  const { sender, stored } = tab([0, "ok"], over(model));
  for (const id of ["a", "b"]) void sender.add(id, id);
  await pass(100);
  void sender.discard("a");
  await pass(1000);
  assert.deepEqual(stored, ["b"]);
  assert.deepEqual(model.entries, []);
});

test("what is thrown away is gone from sight before the store has answered", async () => {
  const model = new StoreModel();
  const { sender, outbox } = tab([400], over(model));
  void sender.add("a", "a");
  await pass(100);
  /** @type {string[][]} */
  const seen = [];
  sender.line.onChange = () => seen.push(states(outbox));
  void sender.discard("a");
  assert.deepEqual(seen, [[]]);
});

test("of two tabs one sends, for both and in the order of writing", async () => {
  const model = new StoreModel();
  const left = tab([0, "ok"], over(model));
  const right = tab(["ok"], over(model));
  void left.sender.add("a", "a");
  await pass(100);
  void right.sender.add("b", "b");
  await pass(100);
  void left.sender.add("c", "c");
  await pass(10_000);
  assert.deepEqual(left.stored, ["a", "b", "c"]);
  assert.deepEqual(right.tries, []);
  assert.deepEqual(states(right.outbox), []);
});

test("a tab that says nothing more is replaced, with the same message and under its id", async () => {
  const model = new StoreModel();
  let alive = true;
  const left = tab(["never"], Promise.resolve(storeOf(model, { alive: () => alive })));
  void left.sender.add("a", "a");
  await pass(100);
  const right = tab(["ok"], over(model));
  await pass(30_000);
  assert.deepEqual(right.tries, [], "the other one is still there");
  alive = false;
  await pass(6000);
  assert.deepEqual(right.stored, ["a"]);
});

test("a tab that is left hands over at once", async () => {
  const model = new StoreModel();
  const left = tab([0], over(model));
  void left.sender.add("a", "a");
  await pass(100);
  const right = tab(["ok"], over(model));
  left.sender.leave();
  assert.deepEqual(left.words.at(-1), { what: "changed" });
  right.sender.hear({ what: "changed" });
  await pass(100);
  assert.deepEqual(right.stored, ["a"]);
});

test("a message that another tab has sent stands until the log shows it", async () => {
  const { sender, outbox } = tab([0], over(new StoreModel()));
  void sender.add("a", "a");
  await pass(100);
  sender.hear({ what: "sent", id: "a", rev: 9 });
  assert.deepEqual(states(outbox), ["a sent"]);
  sender.settle(new Set(), 9);
  assert.deepEqual(states(outbox), []);
});

test("a message that the log shows is no longer kept, whatever became of its answer", async () => {
  const model = new StoreModel();
  const { sender } = tab(["never"], over(model));
  void sender.add("a", "a");
  await pass(100);
  sender.settle(new Set(["a"]), 1);
  await pass(100);
  assert.deepEqual(model.entries, []);
});

test("a store that fails in the middle delays nothing, and nobody is told that it keeps", async () => {
  const model = new StoreModel();
  let broken = false;
  const store = storeOf(model);
  const failing = /** @type {Store} */ (Object.fromEntries(Object.entries(store).map(([name, ask]) => [
    name, (/** @type {any[]} */ ...given) => broken ? Promise.reject(new Error("quota")) : /** @type {any} */ (ask)(...given),
  ])));
  const { sender, stored } = tab(["ok"], Promise.resolve(failing));
  void sender.add("a", "a");
  await pass(100);
  assert.equal(sender.keeps, true);
  broken = true;
  void sender.add("b", "b");
  await pass(100);
  assert.equal(sender.keeps, false);
  broken = false;
  void sender.add("c", "c");
  await pass(100);
  assert.equal(sender.keeps, true);
  assert.deepEqual(stored, ["a", "b", "c"]);
});

test("a message that could not be kept waits for the tab that sends", async () => {
  const model = new StoreModel();
  const left = tab([0, "ok"], over(model));
  void left.sender.add("a", "a");
  await pass(100);
  const store = storeOf(model);
  const right = tab(["ok"], Promise.resolve({ ...store, add: () => Promise.reject(new Error("quota")) }));
  void right.sender.add("b", "b");
  await pass(500);
  assert.deepEqual(right.tries, []);
  await pass(10_000);
  assert.deepEqual([...left.stored, ...right.stored], ["a", "b"]);
});
