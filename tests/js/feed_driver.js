/**
 * A page's log in a process of its own, without a page: commands come in as lines of JSON, and after each one line goes out
 * with what is shown by then and what is asked of the server. `tests/test_feed_machine.py` is the rest of the world.
 */

import { createInterface } from "node:readline";
import { CatchUp } from "../../porch/static/js/log/catch_up.js";
import { Feed } from "../../porch/static/js/log/feed.js";
import { History } from "../../porch/static/js/log/history.js";
import { chat } from "./factories.js";

let feed = new Feed({ chat: chat(), messages: [], rev: 0, moreBefore: false });
let catchUp = new CatchUp(feed, take);
let history = new History(feed, () => {});
/** @type {{id: number, path: string}[]} since the last line that went out */
let asked = [];
/** @type {number[]} likewise: the seq of every message that was called new */
let fresh = [];
/** @type {Map<number, {answer: (response: Response) => void, fail: (error: Error) => void}>} */
const waiting = new Map();
let count = 0;

globalThis.fetch = (/** @type {unknown} */ path) => new Promise((answer, fail) => {
  count += 1;
  asked.push({ id: count, path: String(path) });
  waiting.set(count, { answer, fail });
});
const { setTimeout } = globalThis;
// No request takes too long here, and nobody waits.
Object.assign(globalThis, { setTimeout: () => 0 });

/** @param {Promise<unknown>} promise */
const later = (promise) => { promise.catch(() => {}); };

/** @type {Record<string, (data: any) => void>} */
const commands = {
  begin: (start) => {
    waiting.clear();
    feed = new Feed(start);
    catchUp = new CatchUp(feed, take);
    history = new History(feed, () => {});
  },
  push: (change) => take(feed.push(change)),
  hear: (rev) => feed.hear(rev),
  catchUp: (first) => later(catchUp.run(first ?? undefined)),
  older: () => later(history.older()),
  newer: () => later(history.newer()),
  newest: () => later(history.newest()),
  follow: (following) => { feed.window.following = following; },
  answer: ({ id, body }) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (body === null) request?.fail(new TypeError("no network"));
    // A real answer would take its time to be read.
    else request?.answer(/** @type {Response} */ (/** @type {unknown} */ ({ ok: true, status: 200, headers: new Headers(), json: async () => body })));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, data] = JSON.parse(line);
  history.restUntil = 0;
  commands[command](data);
  await new Promise((done) => { setImmediate(done); });
  const { rev, behind, chat, messages, window } = feed;
  const { moreBefore, moreAfter } = window;
  process.stdout.write(`${JSON.stringify({ rev, behind, name: chat.name, messages, moreBefore, moreAfter, asked, fresh })}\n`);
  asked = [];
  fresh = [];
}
setTimeout(() => process.exit(), 0);

/** @param {import("../../porch/static/js/base/types.js").Outcome} outcome */
function take(outcome) {
  fresh.push(...outcome.fresh.map((one) => one.seq));
}
