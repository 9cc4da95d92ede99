/** The reader's place is where the log stands, whether or not the browser has told of it yet. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Scroll } from "../../porch/static/js/log/scroll.js";

const HEIGHT = 40;

/** A log of lines, each as high as the next, laid out from the end; nobody tells of its scrolls. */
class Log {
  scrollTop = 0;
  clientHeight = 400;
  /** @param {number} count */
  constructor(count) {
    this.lines = Array.from({ length: count }, (_, number) => this.line(`m${number + 1}`));
  }

  /** @param {string} id */
  line(id) {
    const bottom = () => this.clientHeight - this.scrollTop - HEIGHT * (this.lines.length - 1 - this.lines.indexOf(line));
    const line = { id, isConnected: true, getBoundingClientRect: () => ({ top: bottom() - HEIGHT, bottom: bottom() }) };
    return line;
  }

  add() {
    this.lines.push(this.line(`m${this.lines.length + 1}`));
  }

  addEventListener() {}
  getBoundingClientRect() {
    return { top: 0 };
  }

  querySelectorAll() {
    return this.lines;
  }
}

beforeEach(() => { Object.assign(globalThis, { ResizeObserver: class { observe() {} } }); });

/** @param {Log} log */
function over(log) {
  const element = /** @type {HTMLElement} */ (/** @type {unknown} */ (log));
  return new Scroll(element, element, { moved: () => {} });
}

test("whoever has scrolled away in this very frame is not at the end any more", () => {
  const log = new Log(50);
  const scroll = over(log);
  assert.equal(scroll.atEnd, true);
  log.scrollTop = -700;
  assert.equal(scroll.atEnd, false);
});

test("a message that comes in the frame of a scroll leaves the reader where they went", () => {
  const log = new Log(50);
  const scroll = over(log);
  for (const to of [-700, -300]) {
    log.scrollTop = to;
    const read = scroll.firstVisible();
    const top = read?.getBoundingClientRect().top;
    scroll.keep(() => log.add(), { follow: scroll.atEnd });
    assert.equal(read?.getBoundingClientRect().top, top);
  }
});

test("whoever has scrolled to the end in this very frame stays there", () => {
  const log = new Log(50);
  const scroll = over(log);
  log.scrollTop = -700;
  assert.equal(scroll.atEnd, false);
  log.scrollTop = 0;
  scroll.keep(() => log.add(), { follow: scroll.atEnd });
  assert.equal(log.scrollTop, 0);
});
