/** Searching a log that only this browser can read: page by page, newest first, always to an end. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { LogSearch, MOST_HITS, MOST_MESSAGES } from "../../porch/static/js/encrypted_chats/log_search.js";
import { OpenedLog } from "../../porch/static/js/encrypted_chats/opened_log.js";
import { soughtIn } from "../../porch/static/js/encrypted_chats/search_words.js";
import { chat, message, messages, page } from "./factories.js";

/** @import { Hit } from "../../porch/static/js/encrypted_chats/log_search.js" */
/** @import { Message, Page } from "../../porch/static/js/base/types.js" */

/** What the server has, oldest first. @type {Message[]} */
let there = [];
/** @type {string[]} what was asked for */
let asked = [];
/** What stands in the way of an answer. */
let hurdle = () => {};
let reset = 0;

beforeEach(() => {
  there = [];
  asked = [];
  hurdle = () => {};
  reset = 0;
});

/** As the server answers. @param {string} path @returns {Promise<Page>} */
async function fetch(path) {
  const query = new URL(path, "http://porch.example").searchParams;
  asked.push(query.has("after") ? `after ${query.get("after")}` : `before ${query.get("before")}`);
  hurdle();
  const limit = Number(query.get("limit"));
  const head = Math.max(0, reset, ...there.map(({ rev }) => rev));
  if (query.has("before")) {
    const all = there.filter(({ seq }) => seq < Number(query.get("before")));
    return page(all.slice(-limit), { rev: head, head, more: all.length > limit });
  }
  const after = Number(query.get("after"));
  const all = there.filter(({ rev }) => rev > after).sort((one, other) => one.rev - other.rev);
  const some = all.slice(0, limit);
  return page(some, { rev: some.at(-1)?.rev ?? head, head, more: all.length > limit, chat: reset > after ? chat({ reset_rev: reset }) : null });
}

/** @param {LogSearch} search @returns {Promise<number[]>} the places that one stretch finds */
async function stretch(search) {
  /** @type {Hit[]} */
  const hits = [];
  await search.go((some) => hits.push(...some));
  return hits.map(({ message: { seq } }) => seq);
}

/** @param {OpenedLog} log @param {string} typed */
function find(log, typed) {
  return stretch(new LogSearch(log, soughtIn(typed)));
}

test("what was said long ago is found, the newest first, and asked for once", async () => {
  there = messages(1, 500);
  for (const seq of [2, 250, 499]) there[seq - 1].content = "A Kéttle";
  const log = new OpenedLog(7, fetch);
  assert.deepEqual(await find(log, "kettle"), [499, 250, 2]);
  assert.deepEqual(asked, [`before ${Number.MAX_SAFE_INTEGER}`, "before 301", "before 101"]);
  assert.deepEqual(await find(log, "kettle"), [499, 250, 2]);
  assert.deepEqual(asked.slice(3), ["after 500"]);
});

test("what was said, edited and taken back since is heeded by the next search", async () => {
  there = messages(1, 250);
  const log = new OpenedLog(7, fetch);
  assert.deepEqual(await find(log, "kettle"), []);
  there.push(message(251, { content: "kettle" }));
  there[9] = message(10, { rev: 252, content: "kettle" });
  assert.deepEqual(await find(log, "kettle"), [251, 10]);
  there[250] = message(251, { rev: 253, content: "", deleted: true });
  there[9] = message(10, { rev: 254, content: "pot" });
  assert.deepEqual(await find(log, "kettle"), []);
});

test("a change of what was not read yet waits for its page", async () => {
  there = messages(1, 600);
  const log = new OpenedLog(7, fetch);
  for (const one of there.slice(-MOST_HITS)) one.content = "kettle";
  assert.equal((await find(log, "kettle")).length, MOST_HITS);
  there[4] = message(5, { rev: 601, content: "pan" });
  assert.deepEqual(await find(log, "pan"), [5]);
  assert.deepEqual(log.messages.map(({ seq }) => seq), messages(1, 600).map(({ seq }) => seq).reverse());
});

test("after too many changes, a room that was emptied, or a cursor that the server does not know, all is read anew", async () => {
  there = messages(1, 5);
  const log = new OpenedLog(7, fetch);
  await find(log, "kettle");
  there = messages(1, 2500);
  there[0].content = "kettle";
  assert.deepEqual(await find(log, "kettle"), [1]);
  assert.equal(log.messages.length, 2500);
  there = [message(2502, { content: "kettle" })];
  reset = 2501;
  assert.deepEqual(await find(log, "kettle"), [2502]);
  there = [message(1, { content: "kettle" })];
  reset = 0;
  hurdle = () => { if (asked.at(-1)?.startsWith("after")) throw Object.assign(new Error("no such cursor"), { status: 400 }); };
  assert.deepEqual(await find(log, "kettle"), [1]);
});

test("a search ends after so many hits, and goes on behind them", async () => {
  there = messages(1, 120).map((one) => ({ ...one, content: "kettle" }));
  const search = new LogSearch(new OpenedLog(7, fetch), soughtIn("kettle"));
  const found = [];
  for (let stretches = 0; !search.isOver && stretches < 10; stretches += 1) found.push(await stretch(search));
  assert.deepEqual(found.map(({ length }) => length), [50, 50, 20]);
  assert.deepEqual(found.flat(), messages(1, 120).map(({ seq }) => seq).reverse());
});

test("a search ends after so many messages, and goes on behind them", async () => {
  there = messages(1, MOST_MESSAGES + 300);
  there[0].content = "kettle";
  const search = new LogSearch(new OpenedLog(7, fetch), soughtIn("kettle"));
  assert.deepEqual(await stretch(search), []);
  assert.equal(search.looked, MOST_MESSAGES);
  assert.equal(search.isOver, false);
  assert.deepEqual(await stretch(search), [1]);
  assert.equal(search.isOver, true);
  assert.equal(search.looked, MOST_MESSAGES + 300);
});

test("whoever stops a search hears no more of it, and may go on", async () => {
  there = messages(1, 500).map((one) => ({ ...one, content: one.seq % 100 === 0 ? "kettle" : "pot" }));
  const search = new LogSearch(new OpenedLog(7, fetch), soughtIn("kettle"));
  hurdle = () => { if (asked.length === 2) search.stop(); };
  assert.deepEqual(await stretch(search), [500, 400]);
  assert.equal(search.isOver, false);
  assert.deepEqual(await stretch(search), [300, 200, 100]);
  assert.equal(search.isOver, true);
});

test("a search that was interrupted goes on where it was", async () => {
  there = messages(1, 500).map((one) => ({ ...one, content: one.seq % 100 === 0 ? "kettle" : "pot" }));
  const search = new LogSearch(new OpenedLog(7, fetch), soughtIn("kettle"));
  hurdle = () => { if (asked.length === 2) throw new Error("no network"); };
  await assert.rejects(stretch(search), { message: "no network" });
  assert.equal(search.looked, 200);
  assert.deepEqual(await stretch(search), [300, 200, 100]);
});

test("what cannot be opened is counted and not searched, and pages of what was taken back are passed", async () => {
  there = messages(1, 600).map((one) => ({ ...one, content: "", deleted: true }));
  there[0] = message(1, { content: "kettle" });
  there[1] = message(2, { content: "No kettle", unopened: true });
  const search = new LogSearch(new OpenedLog(7, fetch), soughtIn("kettle"));
  assert.deepEqual(await stretch(search), [1]);
  assert.deepEqual([search.looked, search.unopened], [2, 1]);
});

test("what has no words asks for nothing", async () => {
  const search = new LogSearch(new OpenedLog(7, fetch), soughtIn("***"));
  assert.deepEqual(await stretch(search), []);
  assert.equal(search.isOver, true);
  assert.deepEqual(asked, []);
});
