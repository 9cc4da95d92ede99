import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../porch/static/js/base/time.js";
import { localWords } from "../../porch/static/js/site/local_times.js";

const NOW = Date.parse("2026-01-01T12:00:00Z");

test("a day and a time are the reader's, with the year when it is another for the reader", () => {
  const say = (/** @type {string} */ stamp, timeZone = "Europe/Berlin") => localWords(undefined, new Clock({ timeZone }), Date.parse(stamp), NOW);
  assert.equal(say("2026-03-01T23:30:00Z"), "2 March, 00:30");
  assert.equal(say("2025-12-31T23:30:00Z"), "1 January, 00:30");
  assert.equal(say("2025-12-31T23:30:00Z", "Etc/UTC"), "31 December 2025, 23:30");
});

test("a day alone is the reader's, too", () => {
  const say = (/** @type {string} */ timeZone) => localWords("day", new Clock({ timeZone }), Date.parse("2025-12-31T23:30:00Z"), NOW);
  assert.equal(say("Europe/Berlin"), "1 January");
  assert.equal(say("Etc/UTC"), "31 December 2025");
});
