/** Days and times are the reader's own. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, localeFor } from "../../porch/static/js/base/time.js";

const evening = Date.parse("2026-03-11T23:30:00Z");
const utc = new Clock({ timeZone: "UTC" });
const berlin = new Clock({ timeZone: "Europe/Berlin" });
const honolulu = new Clock({ timeZone: "Pacific/Honolulu" });

test("the day is the day in the reader's zone", () => {
  assert.equal(utc.day(evening), "2026-03-11");
  assert.equal(berlin.day(evening), "2026-03-12");
  assert.equal(honolulu.day(evening), "2026-03-11");
});

test("the day is written in one way, whatever order of its parts a browser has for a locale", (t) => {
  const order = () => "03/11/2026";
  t.mock.getter(Intl.DateTimeFormat.prototype, "format", () => order);
  assert.equal(utc.day(evening), "2026-03-11");
  assert.equal(berlin.dayBefore(evening), "2026-03-11");
});

test("the time is the time in the reader's zone and manner", () => {
  assert.equal(berlin.time(evening), "00:30");
  assert.match(new Clock({ timeZone: "UTC", locale: "en-US" }).time(evening), /^11:30\sPM$/);
});

test("today and yesterday are named", () => {
  const now = Date.parse("2026-03-12T09:00:00Z");
  assert.equal(utc.dayLabel(now - 60_000, now), "Today, Thursday");
  assert.equal(utc.dayLabel(evening, now), "Yesterday, Wednesday");
  assert.match(utc.dayLabel(evening - 86_400_000, now), /^Tuesday,? 10 March$/);
});

test("yesterday is right on days that have 23 or 25 hours", () => {
  const afterSpring = Date.parse("2026-03-29T22:30:00Z");
  assert.equal(berlin.day(afterSpring), "2026-03-30");
  assert.equal(berlin.dayBefore(afterSpring), "2026-03-29");
  assert.equal(berlin.dayBefore(Date.parse("2026-10-25T23:30:00Z")), "2026-10-25");
});

test("the day before the first of a month is the last of another", () => {
  assert.equal(utc.dayBefore(Date.parse("2026-03-01T12:00:00Z")), "2026-02-28");
  assert.equal(utc.dayBefore(Date.parse("2026-01-01T12:00:00Z")), "2025-12-31");
});

test("a day of another year says its year", () => {
  assert.match(utc.dayLabel(Date.parse("2025-03-11T12:00:00Z"), evening), /2025$/);
  assert.doesNotMatch(utc.dayLabel(Date.parse("2026-01-11T12:00:00Z"), evening), /2026/);
});

test("the full date says day, year and seconds", () => {
  assert.match(utc.full(evening), /Wednesday.*11 March 2026.*23:30:00/);
});

test("the page's English follows the reader's, or is British", () => {
  assert.equal(localeFor(["de-DE", "en-US", "en"]), "en-US");
  assert.equal(localeFor(["de"]), "en-GB");
  assert.equal(localeFor([]), "en-GB");
});

test("a page in another language has it in the reader's own manner", () => {
  assert.equal(localeFor(["en-US", "de-AT", "de"], "de"), "de-AT");
  assert.equal(localeFor(["en-US"], "de"), "de");
  assert.equal(localeFor(["pt-PT", "pt-br"], "pt-BR"), "pt-br");
  assert.equal(localeFor(["fil"], "fi"), "fi");
});

test("a time is said as shortly as it can be understood", () => {
  const now = Date.parse("2026-03-12T09:00:00Z");
  const ago = (/** @type {number} */ days) => utc.short(now - days * 86_400_000 - 3_600_000, now);
  assert.equal(utc.short(now - 60_000, now), "08:59");
  assert.equal(utc.short(now + 60_000, now), "09:01");
  assert.equal(utc.short(Date.parse("2026-03-11T23:59:00Z"), now), "Yesterday");
  assert.equal(ago(2), "Tuesday");
  assert.equal(ago(6), "Friday");
  assert.equal(ago(7), "5 March");
  assert.equal(ago(100), "2 December 2025");
});

test("yesterday begins at the reader's midnight", () => {
  const now = Date.parse("2026-03-11T23:30:00Z");
  assert.equal(utc.short(now - 3_600_000, now), "22:30");
  assert.equal(berlin.short(now - 3_600_000, now), "Yesterday");
});
