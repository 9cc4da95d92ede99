/** A number goes from one screen to another by a link, and stays in no address bar. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isSame, linkWith, takeScanned } from "../../porch/static/js/keys/scanned.js";

/** @param {string} address where the page is @returns {string[]} where it has been put instead */
function visit(address) {
  /** @type {string[]} */
  const moved = [];
  Object.assign(globalThis, { location: new URL(address), history: { state: null, replaceState: (/** @type {null} */ _state, /** @type {string} */ _title, /** @type {string} */ path) => { moved.push(path); } } });
  return moved;
}

test("a number comes back as it was, and leaves the address", () => {
  visit("https://porch.example/chatrooms/abc/verify/");
  const link = linkWith("/chatrooms/abc/verify/", "number", "01234 56789");
  assert.equal(link, "https://porch.example/chatrooms/abc/verify/#number=0123456789");
  const moved = visit(`${link.replace("#", "?again=1#")}`);
  const scanned = takeScanned("number") ?? "";
  assert.deepEqual(moved, ["/chatrooms/abc/verify/?again=1"]);
  assert.equal(isSame(scanned, "01234 56789"), true);
  assert.equal(isSame(scanned, "01234 56780"), false);
});

test("what is damaged is another number, and what is none is left alone", () => {
  const moved = visit("https://porch.example/account/#let-in=12");
  assert.equal(isSame(takeScanned("let-in") ?? "", "1234"), false);
  assert.equal(moved.length, 1);
  for (const address of ["https://porch.example/account/", "https://porch.example/account/#keys", "https://porch.example/account/#let-inn=12"]) {
    const stayed = visit(address);
    assert.equal(takeScanned("let-in"), null, address);
    assert.deepEqual(stayed, []);
  }
});
