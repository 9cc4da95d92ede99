/** What is done with the library's connection where the library alone would do it badly. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Socket } from "../../porch/static/js/log/socket.js";

/** @import { io } from "socket.io-client" */

beforeEach(() => { Object.assign(globalThis, { addEventListener: () => {}, removeEventListener: () => {} }); });

/** A connection that says how often it was closed. @param {string} readyState */
function connection(readyState) {
  /** @type {Record<string, () => void>} */
  const hears = {};
  const engine = { readyState, once: (/** @type {string} */ name, /** @type {() => void} */ hear) => { hears[name] = hear; return engine; } };
  const socket = { closed: 0, active: true, on: () => {}, io: { engine, on: () => {} }, disconnect: () => { socket.closed += 1; } };
  const library = /** @type {typeof io} */ (/** @type {unknown} */ (() => socket));
  const made = new Socket(library, { connected: () => {}, lost: () => {}, refused: () => {}, events: {} });
  return { made, socket, hears };
}

test("an open connection is closed at once", () => {
  const { made, socket } = connection("open");
  made.close();
  assert.equal(socket.closed, 1);
});

for (const end of ["open", "close"]) {
  test(`a connection under way is closed when it is there or has failed: ${end}`, () => {
    const { made, socket, hears } = connection("opening");
    made.close();
    assert.equal(socket.closed, 0);
    hears[end]();
    assert.equal(socket.closed, 1);
  });
}
