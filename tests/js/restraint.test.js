/** What the composer says to somebody who may not write as they like: the weightiest, and until when. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { restraint } from "../../porch/static/js/composer/restraint.js";

/** @import { Chat } from "../../porch/static/js/base/types.js" */

const NOW = Date.parse("2026-03-11T18:00:00Z");

/** @param {Partial<Chat>} about */
function held(about) {
  const chat = { id: 1, name: "A room", kind: "link", hash_key: "", url: "", rev: 0, reset_rev: 0, ...about };
  return restraint(chat, NOW, () => "six");
}

test("the composer says what holds, and whether anything can be written", () => {
  const free = { words: "", shut: false, ends: 0 };
  assert.deepEqual(held({}), free);
  assert.deepEqual(held({ muted_until: "2026-03-11T17:59:59Z" }), free, "a mute that is over");
  const ends = NOW + 60_000;
  assert.deepEqual(held({ muted_until: new Date(ends).toISOString(), may_moderate: true, closed: true }),
    { words: "You are muted until six: you can read, and not write.", shut: true, ends });
  assert.deepEqual(held({ muted_until: "9999-12-31T00:00:00.000Z" }),
    { words: "You are muted until a moderator lifts it: you can read, and not write.", shut: true, ends: 0 });
  assert.deepEqual(held({ closed: true, slow_mode: 30 }), { words: "This room is closed: you can read, and not write.", shut: true, ends: 0 });
  assert.deepEqual(held({ slow_mode: 60 }), { words: "Slow mode: one message every minute.", shut: false, ends: 0 });
  for (const about of [{ closed: true }, { slow_mode: 30 }]) assert.deepEqual(held({ ...about, may_moderate: true }), free);
});
