/**
 * Light Markdown, text to a tree of plain objects: blocks here, what stands inside a line in `markdown_inline.js`. Pure, in
 * linear time and bounded depth; whatever is no mark stands as it was written. `markdown_view.js` makes elements of it.
 */

import { flat, Inline } from "./markdown_inline.js";

/** @import { Span } from "./markdown_inline.js" */

/**
 * @typedef {{kind: "p", spans: Span[]}
 *   | {kind: "code", language: string, text: string}
 *   | {kind: "quote", blocks: Block[]}
 *   | {kind: "list", ordered: boolean, items: Item[]}} Block
 * @typedef {{number: number, spans: Span[], lists: Extract<Block, {kind: "list"}>[]}} Item `number` as written, 0 of a bullet
 */

/** Quotes within quotes; deeper ones keep their marks. */
const DEEPEST = 3;
const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([\p{L}\p{N}+#._-]{0,20})[ \t]*$/u;
/** What looks like a face is none: `>:(`. */
const QUOTE = /^ {0,3}>(?![:;=.<_-]) ?/u;
const BULLET = /^( {0,8}|\t)(?:[-+*]|(\d{1,9})[.)])[ \t]+(?=\S)/u;
/** An item that stands further in than this is one of a list within the item before. */
const INDENT = 2;
const BLANK = /^\s*$/u;

/** @param {string} text @returns {Block[]} */
export function parse(text) {
  return counted(text).blocks;
}

/** The same, with how many steps it took; for those who doubt it. @param {string} text */
export function counted(text) {
  const parser = new Parser();
  const blocks = parser.blocks(text.split("\n"), 0);
  return { blocks, steps: parser.inline.steps };
}

/** What is read of a text: without the marks. @param {string} text */
export function plainText(text) {
  return parse(text).map(words).join("\n");
}

/** @param {Block} block @returns {string} */
function words(block) {
  switch (block.kind) {
    case "p":
      return flat(block.spans);
    case "code":
      return block.text;
    case "quote":
      return block.blocks.map(words).join("\n");
    case "list":
      return block.items.map(({ number, spans, lists }) => [number ? `${number}. ${flat(spans)}` : flat(spans), ...lists.map(words)].join("\n")).join("\n");
  }
}

class Parser {
  constructor() {
    this.inline = new Inline();
  }

  /** @param {string[]} lines @param {number} depth @returns {Block[]} */
  blocks(lines, depth) {
    /** @type {Block[]} */
    const blocks = [];
    /** @type {string[]} */
    let plain = [];
    const close = () => {
      const paragraph = this.paragraph(plain);
      if (paragraph) blocks.push(paragraph);
      plain = [];
    };
    for (let at = 0; at < lines.length;) {
      this.inline.steps += 1;
      const special = this.code(lines, at) ?? this.quote(lines, at, depth) ?? this.list(lines, at);
      if (special) {
        close();
        blocks.push(special.block);
        at = special.end;
      } else {
        plain.push(lines[at]);
        at += 1;
      }
    }
    close();
    return blocks;
  }

  /** Lines and empty lines stay what they are; those at the edges go. @param {string[]} lines @returns {Block | null} */
  paragraph(lines) {
    let first = 0;
    let last = lines.length;
    while (first < last && BLANK.test(lines[first])) first += 1;
    while (last > first && BLANK.test(lines[last - 1])) last -= 1;
    return first === last ? null : { kind: "p", spans: this.inline.spans(lines.slice(first, last).join("\n")) };
  }

  /** @param {string[]} lines @param {number} at @returns {{block: Block, end: number} | null} */
  code(lines, at) {
    const opening = FENCE.exec(lines[at]);
    if (!opening) return null;
    const [, fence, language] = opening;
    let end = at + 1;
    for (; end < lines.length; end += 1) {
      this.inline.steps += 1;
      const line = lines[end].trim();
      if (line.length >= fence.length && line === fence[0].repeat(line.length)) break;
    }
    return { block: { kind: "code", language, text: lines.slice(at + 1, end).join("\n") }, end: end + 1 };
  }

  /** @param {string[]} lines @param {number} at @param {number} depth @returns {{block: Block, end: number} | null} */
  quote(lines, at, depth) {
    if (depth >= DEEPEST || !QUOTE.test(lines[at])) return null;
    const inside = [];
    let end = at;
    for (; end < lines.length && QUOTE.test(lines[end]); end += 1) inside.push(lines[end].replace(QUOTE, ""));
    return { block: { kind: "quote", blocks: this.blocks(inside, depth + 1) }, end };
  }

  /** @param {string[]} lines @param {number} at @returns {{block: Extract<Block, {kind: "list"}>, end: number} | null} */
  list(lines, at) {
    const first = BULLET.exec(lines[at]);
    if (!first || width(first[1]) >= INDENT) return null;
    const block = empty(first);
    let end = at;
    for (; end < lines.length; end += 1) {
      this.inline.steps += 1;
      const line = lines[end];
      const mark = BULLET.exec(line);
      if (mark && width(mark[1]) < INDENT) {
        if ((mark[2] !== undefined) !== block.ordered) break;
        block.items.push(this.item(mark, line));
      } else if (mark) {
        const { lists } = block.items[block.items.length - 1];
        let inner = lists[lists.length - 1];
        if (!inner || inner.ordered !== (mark[2] !== undefined)) lists.push(inner = empty(mark));
        inner.items.push(this.item(mark, line));
      } else break;
    }
    return { block, end };
  }

  /** @param {RegExpExecArray} mark @param {string} line @returns {Item} */
  item(mark, line) {
    return { number: Number(mark[2] ?? 0), spans: this.inline.spans(line.slice(mark[0].length)), lists: [] };
  }
}

/** @param {RegExpExecArray} mark @returns {Extract<Block, {kind: "list"}>} */
function empty(mark) {
  return { kind: "list", ordered: mark[2] !== undefined, items: [] };
}

/** @param {string} indent */
function width(indent) {
  return indent === "\t" ? INDENT : indent.length;
}
