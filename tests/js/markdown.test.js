/** Light Markdown: what is made of marks, and that whatever is written, nothing is lost and nothing takes long. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hiddenHost } from "../../porch/static/js/messages/link_host.js";
import { counted, parse, plainText } from "../../porch/static/js/messages/markdown.js";

/** @import { Block } from "../../porch/static/js/messages/markdown.js" */
/** @import { Span } from "../../porch/static/js/messages/markdown_inline.js" */

const LARGEST = 32 * 1024;
const DEEPEST = 24;

/** The tree as a short text of its own. @param {readonly Span[]} spans @returns {string} */
const inline = (spans) => spans.map((span) => {
  if (typeof span === "string") return span;
  if (span.kind === "code") return `<code ${span.text}>`;
  return `<${span.kind}${span.kind === "a" ? ` ${span.href}` : ""} ${inline(span.spans)}>`;
}).join("");

/** @param {Block} block @returns {string} */
const shown = (block) => {
  switch (block.kind) {
    case "p":
      return inline(block.spans);
    case "code":
      return `<code:${block.language} ${block.text}>`;
    case "quote":
      return `<quote ${block.blocks.map(shown).join("/")}>`;
    case "list":
      return `<${block.ordered ? "ol" : "ul"} ${block.items.map(({ number, spans, lists }) => `${number || "-"} ${inline(spans)}${lists.map(shown).join("")}`).join("/")}>`;
  }
};

/** @param {string} text */
const made = (text) => parse(text).map(shown).join("|");

for (const [text, expected] of [
  ["**bold** __bold__ *it* _it_ ~~no~~", "<b bold> <b bold> <i it> <i it> <s no>"],
  ["***both*** **a *b* c** *a **b** c*", "<b <i both>> <b a <i b> c> <i a <b b> c>"],
  ["**over\ntwo lines**", "<b over\ntwo lines>"],
  ["snake_case_name 2*3*4 a**b**c * alone * ~one~", "snake_case_name 2*3*4 a**b**c * alone * ~one~"],
  ["漢字**太字**漢字", "漢字<b 太字>漢字"],
  ["*a **b* c**", "<i a **b> c**"],
  ["**** ** __ ____", "**** ** __ ____"],
  ["`a *b*` ``c`d`` `e", "<code a *b*> <code c`d> `e"],
  ["\\*no\\* \\`no\\` \\[no](https://a.example) C:\\dir", "*no* `no` [no](<a https://a.example/ https://a.example>) C:\\dir"],
  ["see [the *docs*](https://a.example/b_(c)) now", "see <a https://a.example/b_(c) the <i docs>> now"],
  ["[x](javascript:hit=1) [x](//a.example) [x](data:text/html,x) [](https://a.example)", "[x](javascript:hit=1) [x](//a.example) [x](data:text/html,x) [](<a https://a.example/ https://a.example>)"],
  ["[x](https://u:p@a.example) [m](mailto:a@b.example)", "[x](https://u:p@a.example) <a mailto:a@b.example m>"],
  ["[a [b](https://b.example) c](https://c.example)", "[a <a https://b.example/ b> c](<a https://c.example/ https://c.example>)"],
  ["[https://a.example/x](https://b.example)", "<a https://b.example/ https://a.example/x>"],
  ["**https://a.example/foo_bar_baz** and https://b.example.", "<b <a https://a.example/foo_bar_baz https://a.example/foo_bar_baz>> and <a https://b.example/ https://b.example>."],
  ["one\n\n\ntwo  three", "one\n\n\ntwo  three"],
  ["before\n\n```js\nlet a = `*`;\n\n  x\n```\nafter", "before|<code:js let a = `*`;\n\n  x>|after"],
  ["~~~\n```\n~~~", "<code: ```>"],
  ["```\nnever closed", "<code: never closed>"],
  ["> said\n> > before\n\nanswer", "<quote said/<quote before>>|answer"],
  [">:( and 3 > 2", ">:( and 3 > 2"],
  ["- a\n- **b**\n  - c\n  - d\n* e", "<ul - a/- <b b><ul - c/- d>/- e>"],
  ["2. two\n3. three\n  - x\nrest", "<ol 2 two/3 three<ul - x>>|rest"],
  ["- a\n1. b", "<ul - a>|<ol 1 b>"],
  ["# no heading\n---\n| a | b |\n<b>no</b> ![x](https://a.example)", "# no heading\n---\n| a | b |\n<b>no</b> !<a https://a.example/ x>"],
]) {
  test(`${JSON.stringify(text)} is read as it looks`, () => assert.equal(made(text), expected));
}

test("what is read aloud and quoted has no marks", () => {
  assert.equal(plainText("**Hello** [you](https://a.example)\n> `x`\n- a\n2. b"), "Hello you\nx\na\n2. b");
  assert.equal(plainText("plain"), "plain");
});

test("a link whose words look like another address shows where it leads", () => {
  for (const [words, href, host] of [
    ["the docs", "https://a.example/", ""],
    ["a.example", "https://www.a.example/x", ""],
    ["bank.example", "https://evil.example/", "evil.example"],
    ["https://bank.example/login", "https://evil.example/bank.example", "evil.example"],
    ["bank。example", "https://evil.example/", "evil.example"],
    ["аpple.example", "https://xn--pple-43d.example/", "xn--pple-43d.example"],
    ["a@bank.example", "mailto:a@evil.example", "evil.example"],
    ["evil.example, bank.example", "https://evil.example/", "evil.example"],
  ]) assert.equal(hiddenHost(words, href), host, words);
});

/** @param {number} seed */
function* numbers(seed) {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const PARTS = ["*", "**", "***", "_", "__", "~~", "`", "``", "```", "[", "](", ")", "](https://a.example/x)", "\\", "> ", "- ", "1. ", "  - ", "\n", "\n\n", " ", "a", "word", "é", "漢", "😀", "https://b.example/*", "(", "&", "\u202e", "\ud83d"];

/** @param {readonly Span[]} spans @param {number} depth @returns {number} */
function depthOf(spans, depth) {
  return Math.max(depth, ...spans.map((span) => typeof span === "string" || span.kind === "code" ? depth : depthOf(span.spans, depth + 1)));
}

/** @param {Block[]} blocks @param {number} depth @returns {number} */
function deepest(blocks, depth) {
  return Math.max(depth, ...blocks.map((one) => {
    if (one.kind === "p") return depthOf(one.spans, depth + 1);
    if (one.kind === "quote") return deepest(one.blocks, depth + 1);
    return one.kind === "list" ? Math.max(...one.items.map(({ spans, lists }) => Math.max(depthOf(spans, depth + 1), deepest(lists, depth + 1)))) : depth + 1;
  }));
}

test("whatever is written, every letter of it is in the tree, which is not deep", () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const chance = numbers(seed);
    const next = () => /** @type {number} */ (chance.next().value);
    const text = Array.from({ length: 1 + Math.floor(next() * 40) }, () => PARTS[Math.floor(next() * PARTS.length)]).join("");
    const blocks = parse(text);
    assert.deepEqual(inOrder(blocks), text.match(/word|é|漢|😀/gu) ?? [], `${seed}: ${JSON.stringify(text)}`);
    assert.equal(typeof plainText(text), "string");
    assert.ok(deepest(blocks, 0) <= DEEPEST, JSON.stringify(text));
  }
});

/** Letters as they stand in the tree, names of languages too, but not where links lead. @param {Block[]} blocks @returns {string[]} */
function inOrder(blocks) {
  const read = blocks.map(shown).join("").replace(/<a \S+ /gu, "<a ");
  return read.match(/word|é|漢|😀/gu) ?? [];
}

test("a whole message of hostile marks is read in steps that grow with its length", () => {
  const hostile = [...PARTS, "*a ", "**a", "*a _b ~~c ", "[a](", "[a](https://x.example) ", "a*", "*_", "*a *b c* d* ", "[]()", "- x\n", "> x\n", "```\n", "[*", "*]", "](h", "`` ` ", "\\*", "https://", "_*~~[`"];
  for (const part of hostile) {
    const text = part.repeat(Math.ceil(LARGEST / part.length)).slice(0, LARGEST);
    const whole = counted(text).steps;
    assert.ok(whole <= 6 * LARGEST, `${JSON.stringify(part)}: ${whole}`);
    assert.ok(whole <= 2.2 * counted(text.slice(0, LARGEST / 2)).steps + 100, JSON.stringify(part));
  }
});
