import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST_FILES } from "../../porch/static/js/base/file_limits.js";
import { UploadList } from "../../porch/static/js/composer/upload_list.js";

const LIMIT = 25e6;

/** @param {string} name @param {number} [size] */
function file(name, size = 1000) {
  return /** @type {File} */ ({ name, size });
}

/** @param {number} id */
function told(id) {
  return { id, name: "a.txt", size: 1, media_type: "text/plain", url: `/${id}` };
}

test("two files are on their way at once, the others wait their turn", () => {
  const list = new UploadList(LIMIT);
  list.add([file("a"), file("b"), file("c")]);
  const [first, second] = [list.take(0), list.take(0)];
  assert.deepEqual([first?.file.name, second?.file.name, list.take(0)], ["a", "b", null]);
  if (first) list.done(first, told(1));
  assert.equal(list.take(0)?.file.name, "c");
});

test("what failed on a bad line is tried again by itself, after growing pauses", () => {
  const list = new UploadList(LIMIT);
  list.add([file("a")]);
  /** @type {number[]} */
  const pauses = [];
  let now = 0;
  for (let turn = 0; turn < 6; turn += 1) {
    const item = list.take(now);
    assert.ok(item);
    list.postponed(item, now);
    assert.equal(list.take(now), null);
    pauses.push(/** @type {number} */ (list.wakeAt) - now);
    now = /** @type {number} */ (list.wakeAt);
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.ok(list.busy);
});

test("the server's own time and the return of the line go before", () => {
  const list = new UploadList(LIMIT);
  list.add([file("a")]);
  const item = list.take(0);
  assert.ok(item);
  list.postponed(item, 0, 60);
  assert.equal(list.wakeAt, 60_000);
  list.hurry();
  assert.equal(list.take(0), item);
});

test("what cannot be taken is said at once, and holds the message up until it is removed", () => {
  const list = new UploadList(LIMIT);
  list.add([file("empty", 0), file("large", LIMIT + 1), file("good")]);
  assert.deepEqual(list.items.map(({ problem }) => problem), ["This file is empty.", "This file is too large. At most 25 MB are taken.", ""]);
  const item = list.take(0);
  assert.ok(item);
  list.done(item, told(7));
  assert.deepEqual([list.busy, list.broken, list.wakeAt], [false, true, null]);
  list.retry(list.items[1]);
  assert.ok(list.broken, "trying again does not make it smaller");
  for (const broken of list.items.slice(0, 2)) list.remove(broken);
  assert.deepEqual([list.broken, list.files], [false, [told(7)]]);
});

test("a refusal of the server can be tried again", () => {
  const list = new UploadList(LIMIT);
  list.add([file("a")]);
  const item = list.take(0);
  assert.ok(item);
  list.failed(item, "This site has no room left for files.");
  assert.deepEqual([list.broken, list.busy, list.take(0)], [true, false, null]);
  list.retry(item);
  assert.equal(list.take(0), item);
});

test("a message takes ten files and says that there were more", () => {
  const list = new UploadList(LIMIT);
  const many = Array.from({ length: MOST_FILES + 1 }, (_, number) => file(`${number}`));
  assert.equal(list.add(many), "A message has at most 10 files.");
  assert.equal(list.items.length, MOST_FILES);
  list.remove(list.items[0]);
  assert.equal(list.add([file("another")]), null);
});

test("what a picture shows goes with it, if anything was said", () => {
  const list = new UploadList(LIMIT);
  list.add([file("a"), file("b")]);
  for (const id of [1, 2]) {
    const item = list.take(0);
    assert.ok(item);
    list.done(item, told(id));
  }
  list.items[0].alt = " The porch ";
  list.items[1].alt = " ";
  assert.deepEqual(list.files, [{ ...told(1), alt: "The porch" }, told(2)]);
});
