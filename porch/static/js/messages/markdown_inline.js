/** What stands inside a line of light Markdown: bold, italic, struck, code, links. Pure; see `markdown.js`. */

import { pieces } from "./text.js";

/**
 * @typedef {string
 *   | {kind: "b" | "i" | "s", spans: Span[]}
 *   | {kind: "code", text: string}
 *   | {kind: "a", href: string, spans: Span[]}} Span
 */

/**
 * @typedef {object} Open a mark that was opened, and what has come since
 * @property {string} mark
 * @property {number} at where what it opened begins
 * @property {number} place among all that are open
 * @property {Span[]} spans
 */
/** @typedef {{at: number, end: number, href: string}} Bare an address as it stands */

/** Marks within marks, and brackets within brackets: with one more, the outermost is text. So the tree is no deeper, and little is looked through. */
const DEEPEST = 6;
/** Longer targets are no links. */
const LONGEST = 2048;
const SPECIAL = /[\\`*_~[\]]/u;
const PUNCTUATION = /[!-/:-@[-`{-~]/u;
/** Scripts without spaces between words have no inside of words. */
const WORD = /^(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}])[\p{L}\p{N}\p{M}]$/u;
const SPACE = /^\s$/u;
/** What an address is cut at: the middle of `[words](target)`, and code. */
const BETWEEN = /\]\(|`/gu;
/** They end an address for a reader, if not for a browser. */
const MARKS_AT_END = /[*_~]+$/u;
/** @type {Record<string, "b" | "i" | "s">} */
const EMPHASIS = { "**": "b", __: "b", "*": "i", _: "i", "~~": "s" };

/** What is read of it. @param {readonly Span[]} spans @returns {string} */
export function flat(spans) {
  return spans.map((span) => typeof span === "string" ? span : span.kind === "code" ? span.text : flat(span.spans)).join("");
}

/** Reads one paragraph after another and counts its steps. */
export class Inline {
  constructor() {
    this.steps = 0;
  }

  /** @param {string} text @returns {Span[]} */
  spans(text) {
    return new Scan(text, this).run();
  }
}

class Scan {
  /** @param {string} text @param {Inline} counter */
  constructor(text, counter) {
    this.text = text;
    this.counter = counter;
    this.at = 0;
    /** Up to here everything is in a span. */
    this.done = 0;
    /** @type {Open[]} the first is the paragraph itself; what stands above what is closed is text */
    this.open = [{ mark: "", at: 0, place: 0, spans: [] }];
    /** @type {Open[]} those that may still be closed, the outermost first */
    this.emphases = [];
    /** @type {Open[]} */
    this.brackets = [];
    this.bare = bareLinks(text);
    this.nextBare = 0;
    this.closings = closingTicks(text);
  }

  run() {
    const { text } = this;
    while (this.at < text.length) {
      this.counter.steps += 1;
      if (!this.address() && !(SPECIAL.test(text[this.at]) && this.special())) this.at += 1;
    }
    this.say(text.length);
    this.drop(0);
    return joined(this.open[0].spans);
  }

  get top() {
    return this.open[this.open.length - 1];
  }

  /** What stands between the last span and here is text. @param {number} end */
  say(end) {
    if (end > this.done) this.top.spans.push(this.text.slice(this.done, end));
    this.done = end;
  }

  /** @param {Span} span @param {number} end */
  put(span, end) {
    this.say(this.at);
    this.top.spans.push(span);
    this.skip(end);
  }

  /** @param {number} end */
  skip(end) {
    this.at = end;
    this.done = end;
  }

  /** @returns {boolean} whether it went on, as what follows */
  address() {
    while (this.nextBare < this.bare.length && this.bare[this.nextBare].at < this.at) this.nextBare += 1;
    const link = this.bare[this.nextBare];
    if (link?.at !== this.at) return false;
    this.put({ kind: "a", href: link.href, spans: [this.text.slice(link.at, link.end)] }, link.end);
    return true;
  }

  special() {
    switch (this.text[this.at]) {
      case "\\":
        return this.escape();
      case "`":
        return this.code();
      case "[":
        this.begin(["["], this.brackets, 1);
        return true;
      case "]":
        return this.link();
      default:
        return this.emphasis();
    }
  }

  escape() {
    const { text, at } = this;
    if (!PUNCTUATION.test(text[at + 1] ?? "")) return false;
    this.say(at);
    this.done = at + 1;
    this.at = at + 2;
    return true;
  }

  code() {
    const { text, at } = this;
    const length = runLength(text, at);
    this.counter.steps += length;
    const end = this.closings.get(at);
    if (end === undefined) {
      this.at = at + length;
      return true;
    }
    const inside = text.slice(at + length, end);
    const padded = inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== "";
    this.put({ kind: "code", text: padded ? inside.slice(1, -1) : inside }, end + length);
    return true;
  }

  /** Closes what was opened with `[`, if a target follows. Else that bracket was text, too. */
  link() {
    const { text, at } = this;
    const opened = this.brackets.pop();
    if (!opened) return false;
    const target = text[at + 1] === "(" ? this.target(at + 2) : null;
    const href = target === null ? null : allowed(target);
    if (target === null || href === null || text.slice(opened.at, at).trim() === "") return false;
    this.say(at);
    const spans = this.close(opened);
    this.top.spans.push({ kind: "a", href, spans: unlinked(spans) });
    this.brackets = []; // a link stands in no other
    this.skip(at + 3 + target.length);
    return true;
  }

  /** @param {number} start @returns {string | null} what stands from here to the closing bracket */
  target(start) {
    const { text } = this;
    let inside = 0;
    for (let end = start; end < text.length && end - start <= LONGEST; end += 1) {
      this.counter.steps += 1;
      const sign = text[end];
      if (sign === ")" && inside === 0) return end > start ? text.slice(start, end) : null;
      if (sign === "(") inside += 1;
      else if (sign === ")") inside -= 1;
      // Nor what begins another link: so nothing is looked at twice.
      else if (SPACE.test(sign) || "[]<>".includes(sign)) return null;
    }
    return null;
  }

  emphasis() {
    const { text, at } = this;
    const length = runLength(text, at);
    this.counter.steps += length;
    const before = signBefore(text, at);
    const after = signAfter(text, at + length);
    const marks = marksOf(text[at], length);
    const closes = before !== "" && !SPACE.test(before) && !WORD.test(after) && this.end(marks, length);
    if (closes) return true;
    if (after !== "" && !SPACE.test(after) && !WORD.test(before)) this.begin(marks, this.emphases, length);
    else this.at = at + length;
    return true;
  }

  /** @param {string[]} marks outermost first @param {Open[]} live @param {number} length in the text */
  begin(marks, live, length) {
    if (marks.length === 0) {
      this.at += length;
      return;
    }
    this.say(this.at);
    for (const mark of marks) {
      if (live.length === DEEPEST) live.shift();
      const opened = { mark, at: this.at + length, place: this.open.length, spans: [] };
      this.open.push(opened);
      live.push(opened);
    }
    this.skip(this.at + length);
  }

  /** Ends what these marks have opened. @param {string[]} marks @param {number} length @returns {boolean} whether all of it was open */
  end(marks, length) {
    const opened = marks.map((mark) => this.emphases.findLast((one) => one.mark === mark));
    if (marks.length === 0 || opened.includes(undefined)) return false;
    this.say(this.at);
    const inward = /** @type {Open[]} */ (opened).sort((one, other) => other.place - one.place);
    for (const one of inward) {
      const spans = joined(this.close(one));
      this.top.spans.push({ kind: EMPHASIS[one.mark], spans });
    }
    this.skip(this.at + length);
    return true;
  }

  /** Takes this out, and what has come since. @param {Open} opened @returns {Span[]} */
  close({ place, spans }) {
    this.drop(place);
    this.open.pop();
    for (const live of [this.emphases, this.brackets]) while (live.length > 0 && live[live.length - 1].place >= place) live.pop();
    return spans;
  }

  /** What was opened above this place was not closed: its marks are text. Each span moves once before it is in the tree. @param {number} place */
  drop(place) {
    const { spans: into } = this.open[place];
    for (const { mark, spans } of this.open.splice(place + 1)) {
      this.counter.steps += 1 + spans.length;
      into.push(mark);
      for (const span of spans) into.push(span);
    }
  }
}

/** @param {string} sign @param {number} length @returns {string[]} outermost first; none where so many in a row mean nothing */
function marksOf(sign, length) {
  if (sign === "~") return length === 2 ? ["~~"] : [];
  return length === 1 ? [sign] : length === 2 ? [sign + sign] : length === 3 ? [sign + sign, sign] : [];
}

/** @param {string} text @param {number} at */
function runLength(text, at) {
  let end = at + 1;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

/** The whole character before a place. @param {string} text @param {number} at */
function signBefore(text, at) {
  const last = text[at - 1] ?? "";
  return last >= "\uDC00" && last <= "\uDFFF" ? text.slice(Math.max(0, at - 2), at) : last;
}

/** @param {string} text @param {number} at */
function signAfter(text, at) {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** Where each run of backticks is closed: by the next run of the same length. @param {string} text @returns {Map<number, number>} */
function closingTicks(text) {
  /** @type {Map<number, number>} */
  const closings = new Map();
  /** @type {Map<number, number>} by length */
  const waiting = new Map();
  for (const { index, 0: run } of text.matchAll(/`+/gu)) {
    const open = waiting.get(run.length);
    if (open !== undefined) closings.set(open, index);
    waiting.set(run.length, index);
  }
  return closings;
}

/** The addresses that stand in a text as such. @param {string} text @returns {Bare[]} */
function bareLinks(text) {
  /** @type {Bare[]} */
  const found = [];
  let start = 0;
  for (const { index, 0: cut } of [...text.matchAll(BETWEEN), { index: text.length, 0: "" }]) {
    let at = start;
    for (const piece of pieces(text.slice(start, index))) {
      const shown = piece.text.replace(MARKS_AT_END, "");
      const href = piece.href && (shown === piece.text ? piece.href : allowed(shown));
      if (href) found.push({ at, end: at + shown.length, href });
      at += piece.text.length;
    }
    start = index + cut.length;
  }
  return found;
}

/** Where a link may lead, by the rules of every address. @param {string} target */
function allowed(target) {
  const [piece, ...more] = pieces(target);
  return piece?.href && more.length === 0 ? piece.href : null;
}

/** Without links, which cannot stand in one. @param {Span[]} spans @returns {Span[]} */
function unlinked(spans) {
  return joined(spans.flatMap((span) => {
    if (typeof span === "string" || span.kind === "code") return [span];
    const inside = unlinked(span.spans);
    return span.kind === "a" ? inside : [{ ...span, spans: inside }];
  }));
}

/** Texts that follow each other are one. @param {Span[]} spans @returns {Span[]} */
function joined(spans) {
  /** @type {Span[]} */
  const made = [];
  /** @type {string[]} */
  let texts = [];
  const close = () => {
    if (texts.length > 0) made.push(texts.join(""));
    texts = [];
  };
  for (const span of spans) {
    if (typeof span === "string") texts.push(span);
    else {
      close();
      made.push(span);
    }
  }
  close();
  return made;
}
