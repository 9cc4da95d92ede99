/** Whatever happens to a room, and to what a page hears and asks of it, the page shows what a reader of the log would see. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { CatchUp } from "../../porch/static/js/log/catch_up.js";
import { Feed } from "../../porch/static/js/log/feed.js";
import { History } from "../../porch/static/js/log/history.js";
import { Log } from "./log_model.js";

/** @import { Message, Outcome } from "../../porch/static/js/base/types.js" */

const SEEDS = Number(process.env.FEED_SEEDS ?? 400);
const STEPS = 150;

/** @typedef {{url: URL, answer: (response: Response) => void, fail: (error: Error) => void, served: Response | null}} Asked */

/** @type {Asked[]} requests under way */
let asked = [];
const { fetch, setTimeout } = globalThis;
afterEach(() => Object.assign(globalThis, { fetch, setTimeout }));
beforeEach(() => {
  asked = [];
  // No request takes too long here, and nobody waits.
  Object.assign(globalThis, { setTimeout: () => 0 });
  globalThis.fetch = (path) => new Promise((answer, fail) => {
    asked.push({ url: new URL(String(path), "http://porch.example"), answer, fail, served: null });
  });
});

/** Random numbers that a seed repeats (mulberry32). @param {number} seed */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A page, its line to the server, and what is true of it at every moment. */
class World {
  /** @param {number} seed */
  constructor(seed) {
    this.random = generator(seed);
    this.log = new Log();
    for (let turn = this.below(120); turn > 0; turn -= 1) this.happen(false);
    const { rev, ...room } = this.log.room(1 + this.below(20));
    const at = this.below(3) === 0 && rev > 0 ? 1 + this.below(rev) : 0;
    const page = at === 0 ? room : this.log.before(at + 6, 6 + this.below(10));
    // The page holds no tombstones.
    const messages = page.messages.filter((one) => !one.deleted);
    const moreAfter = at > 0 && at + 5 < rev;
    this.feed = new Feed({ chat: this.log.chat, messages, rev, moreBefore: page.more, moreAfter, at, limit: 20 + this.below(80) });
    /** @type {Map<number, number>} the rev of every message that was ever shown, by seq */
    this.seen = new Map();
    /** The highest numbers that were new, and that were heard of. */
    this.freshUpTo = rev;
    this.heard = rev;
    this.catchUp = new CatchUp(this.feed, (outcome) => this.take(outcome));
    this.history = new History(this.feed, () => {});
    this.window = this.feed.window;
    this.turn = -1;
    /** @type {readonly Message[]} what was shown after the step before */
    this.shown = [];
  }

  /** @param {number} count a whole number from 0 to below this */
  below(count) {
    return Math.floor(this.random() * count);
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  oneOf(list) {
    return list[this.below(list.length)];
  }

  /** @param {boolean} [begun] whether the page is there yet */
  happen(begun = true) {
    const { log } = this;
    const kind = this.random();
    // Mostly something of late, or what a page may be under way for.
    const from = begun && this.below(2) === 0 ? Math.min(log.rev, this.feed.window.bottom) : log.rev;
    const seq = Math.max(1, from - this.below(this.oneOf([5, 60, 200])));
    if (kind < 0.6) log.send();
    else if (kind < 0.8) log.edit(seq);
    else if (kind < 0.93) log.remove(seq);
    else if (kind < 0.98) log.rename();
    else log.empty();
  }

  /** @param {Outcome} outcome */
  take({ fresh }) {
    for (const { seq, deleted } of fresh) {
      assert.ok(seq > this.freshUpTo, `${seq} is new a second time, or in front of another`);
      assert.equal(deleted, false, "a tombstone is no news");
      this.freshUpTo = seq;
    }
  }

  /** The server reads what it is asked for; the answer may be long under way. @param {Asked} request */
  serve(request) {
    const { pathname, searchParams } = request.url;
    const after = searchParams.get("after");
    const before = Number(searchParams.get("before"));
    // A page ends early where its texts are long.
    const limit = this.oneOf([1, 5, 50, 200]);
    const answer = !pathname.endsWith("/messages") ? this.log.room(limit) : after === null ? this.log.before(before, limit) : this.log.after(Number(after), limit);
    request.served = Response.json(structuredClone(answer));
  }

  step() {
    const { feed, log, catchUp, history } = this;
    const request = asked[this.below(asked.length)];
    const unserved = asked.find((one) => !one.served);
    switch (this.below(15)) {
      case 0: return this.happen();
      case 1: case 2: this.happen(); return this.hear(log.rev);
      case 3: case 4: return this.hear(Math.min(log.rev, Math.max(0, feed.rev - 2 + this.below(9))));
      case 5: this.heard = log.rev; return feed.hear(log.rev);
      case 6: return void catchUp.run().catch(() => {});
      case 7: {
        const after = feed.rev;
        const page = log.after(after, this.oneOf([1, 5, 50]));
        if (this.below(2) === 0) this.happen();
        this.hear(log.rev);
        return void catchUp.run({ after, page }).catch(() => {});
      }
      case 8: history.restUntil = 0; return void history.older();
      case 9: history.restUntil = 0; return void history.newer();
      case 10:
        history.restUntil = 0;
        if (this.below(3) === 0) void history.newest();
        else feed.window.following = this.below(2) === 0;
        return undefined;
      case 11: case 12: return void (unserved && this.serve(unserved));
      default:
        if (!request) return undefined;
        if (this.below(8) === 0) request.fail(new TypeError("no network"));
        else {
          if (!request.served) this.serve(request);
          request.answer(/** @type {Response} */ (request.served));
        }
        asked = asked.filter((one) => one !== request);
        return undefined;
    }
  }

  /** One change is pushed, wherever in the order it stands. @param {number} rev */
  hear(rev) {
    const change = this.log.changes[rev - 1];
    if (!change) return;
    this.heard = Math.max(this.heard, rev);
    this.take(this.feed.push(structuredClone(change)));
  }

  check() {
    const { feed, log } = this;
    const { messages, window } = feed;
    const then = log.at(feed.rev);
    const now = log.at(log.rev);
    assert.ok(feed.rev <= log.rev && feed.head >= feed.rev);
    assert.ok(feed.behind || feed.rev >= this.heard, "it knows that it is behind");
    assert.equal(feed.chat.name, then.name);
    for (const [index, one] of messages.entries()) {
      assert.ok(index === 0 || messages[index - 1].seq < one.seq, "in order, each once");
      assert.ok(one.seq <= feed.rev, `${one.seq} stands behind a hole`);
      const state = log.changes[one.rev - 1];
      assert.ok(state.kind === "message");
      assert.deepEqual(one, state.message);
      assert.ok(one.rev >= (then.messages.get(one.seq)?.rev ?? 0), `${one.seq} is shown as it was before ${feed.rev}`);
      assert.ok(one.rev >= (this.seen.get(one.seq) ?? 0), `${one.seq} is shown as it was before it was shown last`);
      assert.ok(!one.deleted || this.seen.has(one.seq), `the tombstone ${one.seq} was never seen alive`);
      this.seen.set(one.seq, one.rev);
    }
    const there = new Set(messages.map((one) => one.seq));
    const first = window.moreBefore ? messages[0]?.seq ?? Infinity : 0;
    const last = window.moreAfter ? messages.at(-1)?.seq ?? 0 : feed.rev;
    for (const { seq, deleted } of then.messages.values()) {
      if (seq < first || seq > last || deleted || now.messages.get(seq)?.deleted !== false) continue;
      assert.ok(there.has(seq), `${seq} is missing between ${first} and ${last}`);
    }
    if (window === this.window && window.turn === this.turn) {
      for (const { seq } of this.shown) if (seq > (messages[0]?.seq ?? Infinity) && seq < (messages.at(-1)?.seq ?? 0)) assert.ok(there.has(seq), `${seq} went away`);
    }
    this.window = window;
    this.turn = window.turn;
    this.shown = [...messages];
  }
}

/** Everything that can go on by itself has gone on. */
const settled = () => new Promise((done) => { setImmediate(done); });

for (let part = 0; part < 5; part += 1) {
  test(`the page shows the log at its cursor, in order, without a hole, whatever is dropped, late, repeated or broken off (${part + 1})`, async () => {
    for (let seed = part; seed < SEEDS; seed += 5) {
      asked = [];
      const world = new World(seed);
      try {
        world.check();
        for (let turn = 0; turn < STEPS; turn += 1) {
          world.step();
          await settled();
          world.check();
        }
        await toTheEnd(world);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
}

/** The line is good again: the page comes to the head, and to the end. @param {World} world */
async function toTheEnd(world) {
  const { feed, log, history } = world;
  let moving = true;
  feed.hear(log.rev);
  void world.catchUp.run().catch(() => {}).then(() => world.catchUp.run()).then(() => { history.restUntil = 0; return history.newest(); }).then(() => { moving = false; });
  for (let turn = 0; moving; turn += 1) {
    assert.ok(turn < 2000, "it never comes to the end");
    for (const request of asked.splice(0)) {
      if (!request.served) world.serve(request);
      request.answer(/** @type {Response} */ (request.served));
    }
    await settled();
    world.check();
  }
  assert.equal(feed.rev, log.rev);
  assert.equal(feed.behind, false);
  assert.equal(feed.window.moreAfter, false);
  const now = log.at(log.rev);
  for (const one of feed.messages) assert.deepEqual(one, now.messages.get(one.seq));
}
