/** What stands in the composer is saved, comes back, and is nobody's any more after logging out. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Drafts } from "../../porch/static/js/composer/drafts.js";
import { storeOf } from "./kept.js";
import { StoreModel } from "./store_model.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 }));
afterEach(() => mock.timers.reset());

/** @param {string} [draft] */
function room(draft = "") {
  const model = new StoreModel();
  model.saveDraft(draft, 1);
  const composer = { content: "", carried: new Map() };
  const drafts = new Drafts(composer, Promise.resolve(storeOf(model)));
  const type = (/** @type {string} */ text) => { composer.content = text; drafts.note(); };
  return { model, composer, drafts, type };
}

/** @param {number} milliseconds */
async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("a draft is put into the composer", async () => {
  const { composer } = room("half a sen");
  await pass(0);
  assert.equal(composer.content, "half a sen");
});

test("whoever was quicker than the draft goes on behind it, and both are saved", async () => {
  const { composer, model, type } = room("half a sen");
  type("tence");
  await pass(500);
  assert.equal(composer.content, "half a sentence");
  await pass(500);
  assert.equal(model.draft(), "half a sentence");
});

for (const kept of ["", "half a sen"]) {
  test(`what was written before the scripts were there is saved, too, behind “${kept}”`, async () => {
    const { composer, model } = room(kept);
    composer.content = "tence";
    await pass(0);
    await pass(500);
    assert.equal(model.draft(), `${kept}tence`);
  });
}

test("what stands there already is not put there twice", async () => {
  const { composer } = room("half a sen");
  composer.content = "half a sentence";
  await pass(0);
  assert.equal(composer.content, "half a sentence");
});

test("letters are saved after a pause, or at once when the page goes", async () => {
  const { drafts, model, type } = room();
  await pass(0);
  type("half");
  await pass(300);
  assert.equal(model.draft(), "");
  await pass(200);
  assert.equal(model.draft(), "half");
  type("half a sen");
  drafts.save();
  await pass(0);
  assert.equal(model.draft(), "half a sen");
});

test("a page on which nothing was written saves nothing over another tab's draft", async () => {
  const { drafts, model } = room("half");
  await pass(0);
  model.saveDraft("half a sen", 2);
  drafts.save();
  await pass(0);
  assert.equal(model.draft(), "half a sen");
});

test("an emptied composer has no draft", async () => {
  const { model, type } = room("half");
  await pass(0);
  type("");
  await pass(500);
  assert.equal(model.written, null);
});

test("what is sent is saved no more, unless it could not be kept with what waits", async () => {
  const { composer, drafts, model, type } = room();
  await pass(0);
  type("half");
  drafts.sent(Promise.resolve(1));
  composer.content = "";
  await pass(500);
  assert.equal(model.written, null);
  type("another");
  await pass(500);
  drafts.sent(Promise.resolve(null));
  composer.content = "";
  await pass(0);
  await pass(500);
  assert.equal(model.written, null);
});

test("what another tab has sent is no draft here either", async () => {
  const { composer, drafts, model } = room("half a sentence\n");
  await pass(0);
  model.saveDraft("", 2);
  drafts.sentElsewhere("half a sentence");
  await pass(500);
  assert.equal(composer.content, "");
  assert.equal(model.written, null);
});

test("anything else that stands here is kept again when another tab has sent something", async () => {
  const { composer, drafts, model } = room("a long text");
  await pass(0);
  model.saveDraft("", 2);
  drafts.sentElsewhere("short");
  await pass(500);
  assert.equal(composer.content, "a long text");
  assert.equal(model.draft(), "a long text");
});

test("after logging out nothing is saved any more", async () => {
  const { drafts, model, type } = room();
  await pass(0);
  type("half");
  drafts.stop();
  drafts.save();
  await pass(500);
  assert.equal(model.draft(), "");
});

test("without a store one writes all the same", async () => {
  const composer = { content: "", carried: new Map() };
  const drafts = new Drafts(composer, Promise.reject(new Error("no database")));
  composer.content = "half";
  drafts.note();
  await pass(500);
  drafts.save();
  assert.equal(composer.content, "half");
});
