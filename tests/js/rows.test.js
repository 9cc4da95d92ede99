/** What stands in the log: days, groups, the beginning, and messages on their way. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../porch/static/js/log/outbox.js";
import { rows } from "../../porch/static/js/log/rows.js";
import { Clock } from "../../porch/static/js/base/time.js";
import { message } from "./factories.js";

/** @import { Message } from "../../porch/static/js/base/types.js" */
/** @import { Entry } from "../../porch/static/js/log/outbox.js" */

const me = { user_id: 2, username: "Bo", guest: true };
const clock = new Clock({ timeZone: "UTC" });
const now = Date.parse("2026-03-11T19:00:00Z");

/** Without the line for older messages. @param {Message[]} messages @param {Entry[]} [entries] @param {boolean} [atBeginning] */
const lines = (messages, entries = [], atBeginning = false) =>
  rows({ messages, entries, atBeginning, me, clock, now }).filter((line) => line.kind !== "older");

/** @param {ReturnType<typeof lines>} list */
const marks = (list) => list.map((line) => line.kind + ("more" in line && line.more ? " more" : ""));

/** @param {number} seq @param {string} time @param {Partial<Message>} [fields] */
const at = (seq, time, fields) => message(seq, { timestamp: `2026-03-11T${time}Z`, ...fields });

test("messages of one person within five minutes are grouped", () => {
  assert.deepEqual(marks(lines([at(1, "18:00:00"), at(2, "18:04:59"), at(3, "18:05:00")])), ["day", "message", "message more", "message"]);
});

test("another person begins another group", () => {
  assert.deepEqual(marks(lines([at(1, "18:00:00"), at(2, "18:00:10", { user_id: 5 }), at(3, "18:00:20")])), ["day", "message", "message", "message"]);
});

test("two people who bore the same name one after the other are not grouped", () => {
  assert.deepEqual(marks(lines([at(1, "18:00:00"), at(2, "18:00:10", { user_id: 5, username: "Oda" })])).slice(1), ["message", "message"]);
});

test("a day begins with its name and a new group", () => {
  const list = lines([message(1, { timestamp: "2026-03-10T23:59:00Z" }), at(2, "00:00:30")]);
  assert.deepEqual(marks(list), ["day", "message", "day", "message"]);
});

test("my messages are known by the person, not by the name", () => {
  const list = lines([at(1, "18:00:00", { user_id: 2, username: "Old name" }), at(2, "18:01:00", { user_id: 3, username: "Bo" })]);
  assert.deepEqual(list.map((line) => line.kind === "message" && line.mine), [false, true, false]);
});

test("the beginning is said only where the room begins, and not in an empty room", () => {
  assert.equal(lines([at(1, "18:00:00")], [], true)[0].kind, "begin");
  assert.equal(lines([at(9, "18:00:00")], [], false)[0].kind, "day");
  assert.deepEqual(lines([], [], true), []);
});

test("the line for older messages is there, with words or without, until the room's beginning is", () => {
  const messages = [at(9, "18:00:00")];
  const top = (/** @type {Partial<Parameters<typeof rows>[0]>} */ more) =>
    rows({ messages, entries: [], atBeginning: false, me, clock, now, ...more })[0];
  assert.deepEqual(top({}), { kind: "older", key: "older", sign: "" });
  assert.deepEqual(top({ older: "loading" }), { kind: "older", key: "older", sign: "loading" });
  assert.equal(top({ atBeginning: true, older: "loading" }).kind, "begin");
});

test("messages on their way stand last, in the group of my own", () => {
  const outbox = new Outbox();
  outbox.add("a", "on its way", Date.parse("2026-03-11T18:01:00Z"));
  assert.deepEqual(marks(lines([at(1, "18:00:00", { user_id: 2 })], outbox.entries)), ["day", "message", "entry more"]);
});

test("a message is called slow only after a moment", () => {
  const outbox = new Outbox();
  outbox.add("a", "x", now - 299);
  outbox.add("b", "x", now - 300);
  assert.deepEqual(lines([], outbox.entries).flatMap((line) => line.kind === "entry" ? [line.slow] : []), [false, true]);
});

test("a message that was refused is not drawn again for being old", () => {
  const outbox = new Outbox();
  outbox.add("a", "x", now - 100);
  outbox.refused("a", "No.");
  const [before, after] = [now, now + 1000].map((then) =>
    rows({ messages: [], entries: outbox.entries, atBeginning: true, me, clock, now: then }).map((line) => line.sign));
  assert.deepEqual(before, after);
});

test("all that wait are stuck once the first of them was tried twice, but not behind one that was refused", () => {
  const outbox = new Outbox();
  for (const id of ["a", "b"]) { outbox.add(id, id, now); outbox.place(id, 1); }
  const stuck = () => rows({ messages: [], entries: outbox.entries, atBeginning: true, me, clock, now }).flatMap((line) => line.kind === "entry" ? line.stuck : []);
  outbox.postponed("a", { now });
  assert.deepEqual(stuck(), [false, false]);
  outbox.postponed("a", { now });
  assert.deepEqual(stuck(), [true, true]);
  outbox.refused("a", "No.");
  assert.deepEqual(stuck(), [false, false]);
});

test("a line is drawn again only when it has changed", () => {
  const before = lines([at(1, "18:00:00"), at(2, "18:01:00")]);
  const after = lines([at(1, "18:00:00"), at(2, "18:01:00", { rev: 3, content: "edited" })]);
  assert.deepEqual(before.map((line, index) => line.sign === after[index].sign), [true, true, false]);
});

test("what a permalink leads to is drawn again when its reader goes on", () => {
  const messages = [at(1, "18:00:00"), at(2, "18:01:00")];
  const there = rows({ messages, entries: [], atBeginning: true, target: 2, me, clock, now });
  assert.deepEqual(there.flatMap((line) => line.kind === "message" ? [line.target] : []), [false, true]);
  const gone = rows({ messages, entries: [], atBeginning: true, me, clock, now });
  assert.deepEqual(there.map((line, index) => line.sign === gone[index].sign), [true, true, true, false]);
});

test("every line has a key of its own, even when clocks jump back over a day", () => {
  const list = lines([at(1, "18:00:00"), message(2, { timestamp: "2026-03-12T00:10:00Z" }), at(3, "23:00:00")]);
  assert.equal(new Set(list.map((line) => line.key)).size, list.length);
});

test("a line says where what is new begins, before the first message of somebody else, which begins a group", () => {
  const list = rows({ messages: [at(1, "18:00:00"), at(2, "18:00:10", { user_id: 2 }), at(3, "18:00:20"), at(4, "18:00:30")], entries: [], atBeginning: true, first: 2, me, clock, now }).filter((line) => line.kind !== "older");
  assert.deepEqual(marks(list), ["begin", "day", "message", "message", "new", "message", "message more"]);
});

test("a message that calls the reader is marked, but their own and one that calls somebody else are not", () => {
  const calling = (/** @type {number | null} */ user_id) => ({ mentions: [{ user_id, username: "x" }] });
  const list = lines([at(1, "18:00:00", calling(2)), at(2, "18:00:10", calling(null)), at(3, "18:00:20", calling(1)), at(4, "18:00:30", { user_id: 2, ...calling(null) })]);
  assert.deepEqual(list.flatMap((line) => line.kind === "message" ? line.called : []), [true, true, false, false]);
});
