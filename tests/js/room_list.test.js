/** The lobby's rooms: their order, what events and answers change, and what stands still. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { held, RoomList } from "../../porch/static/js/chats/room_list.js";
import { lobbyRow as row } from "./factories.js";

const me = { user_id: 1, username: "Juno", guest: false, role: /** @type {const} */ ("member") };

/** @param {...ReturnType<typeof row>} chats */
function list(...chats) {
  return new RoomList({ chats, more: false }, me);
}

/** @param {readonly {id: number}[]} rows */
function ids(rows) {
  return rows.map(({ id }) => id);
}

/** @param {number} id @param {Partial<ReturnType<typeof row>>} [fields] a row as everybody is sent it */
function pushed(id, fields) {
  const { member: _member, mine: _mine, may_manage: _may, ...common } = row(id, fields);
  return common;
}

test("the room in which something happened last comes first", () => {
  const rooms = list(row(1, { last_at: "2026-03-10T10:00:00.000Z" }), row(2, { last_at: "2026-03-12T10:00:00.000Z" }), row(3, { last_at: "2026-03-11T10:00:00.000Z" }));
  assert.deepEqual(ids(rooms.rows()), [2, 3, 1]);
  rooms.apply({ chats: [pushed(1, { last_at: "2026-03-12T10:00:01.000Z", rev: 1 })] });
  assert.deepEqual(ids(rooms.rows()), [1, 2, 3]);
});

test("a room in which nothing was said stands by when it was opened, the younger of two first", () => {
  const rooms = list(row(1), row(2), row(3, { last_at: "2026-03-11T10:00:00.000Z", created_at: "2026-03-01T10:00:00.000Z" }));
  assert.deepEqual(ids(rooms.rows()), [3, 2, 1]);
});

test("an event for all leaves what is personal as it was", () => {
  const rooms = list(row(1, { mine: true, member: true, may_manage: true }));
  assert.deepEqual(rooms.apply({ chats: [pushed(1, { name: "New name", rev: 4, present: 2 })] }), []);
  assert.deepEqual(rooms.rows(), [row(1, { mine: true, member: true, may_manage: true, name: "New name", rev: 4, present: 2 })]);
});

test("a room that appears is nobody's own until it is said to be", () => {
  const rooms = list();
  assert.deepEqual(ids(rooms.apply({ chats: [pushed(7)] })), [7]);
  assert.deepEqual(rooms.rows(), [row(7)]);
  assert.deepEqual(rooms.apply({ chats: [{ ...pushed(7), member: true, mine: true }] }), []);
  assert.equal(rooms.rows()[0].may_manage, true, "whoever opened a room decides about it");
});

test("the host may manage every room that appears", () => {
  const rooms = new RoomList({ chats: [], more: false }, { ...me, role: "admin" });
  rooms.apply({ chats: [pushed(7)] });
  assert.equal(rooms.rows()[0].may_manage, true);
  assert.equal(rooms.rows()[0].mine, false);
});

test("a room that is gone is gone", () => {
  const rooms = list(row(1), row(2));
  rooms.apply({ gone: [1, 99] });
  assert.deepEqual(ids(rooms.rows()), [2]);
});

test("an older state of a room does not replace a newer one", () => {
  const rooms = list(row(1, { name: "New", rev: 5 }));
  rooms.apply({ chats: [pushed(1, { name: "Old", rev: 4 })] });
  assert.equal(rooms.rows()[0].name, "New");
});

test("an answer replaces the list, and says what is new in it", () => {
  const rooms = list(row(1), row(2));
  assert.deepEqual(ids(rooms.replace({ chats: [row(2, { name: "Renamed" }), row(3)], more: false })), [3]);
  assert.deepEqual(rooms.rows().map(({ name }) => name), ["Room 3", "Renamed"]);
});

test("a room further down than the answer goes is kept, and one missing from its midst is not", () => {
  const at = (/** @type {number} */ day) => ({ last_at: `2026-03-${String(day).padStart(2, "0")}T10:00:00.000Z` });
  const rooms = list(row(1, at(1)), row(2, at(12)), row(3, at(11)));
  rooms.replace({ chats: [row(4, at(13)), row(3, at(11))], more: true });
  assert.deepEqual(ids(rooms.rows()), [4, 3, 1]);
  assert.equal(rooms.more, true);
});

test("an answer about a part of a name says nothing of other rooms", () => {
  const rooms = list(row(1, { name: "Seed swap" }), row(2, { name: "Radio hour" }), row(3, { name: "Seedlings" }));
  rooms.replace({ chats: [row(3, { name: "Seedlings" })], more: false }, "seed");
  assert.deepEqual(ids(rooms.rows()), [3, 2]);
});

test("a part of the name finds a room, however it is written", () => {
  const rooms = list(row(1, { name: "Élan vital" }), row(2, { name: "Radio hour" }));
  assert.deepEqual(ids(rooms.rows("ÉLAN ")), [1]);
  assert.deepEqual(ids(rooms.rows("  ")), [2, 1]);
  assert.deepEqual(ids(rooms.rows("nowhere")), []);
});

test("people are counted over all rooms", () => {
  assert.equal(list(row(1, { present: 2 }), row(2), row(3, { present: 3 })).people, 5);
});

test("a list that grows for days is bounded by when something happened last", () => {
  const rooms = list();
  for (let id = 1; id <= 600; id += 1) rooms.apply({ chats: [pushed(id)] });
  assert.equal(rooms.rooms.size, 500);
  assert.equal(rooms.rows()[0].id, 600);
  assert.equal(rooms.more, true);
});

test("what stands keeps its place while somebody points at it, and what is new comes last", () => {
  const rows = [row(9), row(3), row(8), row(1), row(2)];
  assert.deepEqual(ids(held([1, 2, 3], rows)), [1, 2, 3, 9, 8]);
  assert.deepEqual(ids(held([], rows)), [9, 3, 8, 1, 2]);
});
