/** Light Markdown: what is made of marks, and that whatever is written, nothing is lost and nothing takes long. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

/** @type {{read: [string, string][], hosts: [string, string, string][]}} */
const VECTORS = JSON.parse(readFileSync(new URL("../vectors/markdown.json", import.meta.url), "utf8"));

for (const [text, expected] of VECTORS.read) {
  test(`${JSON.stringify(text)} is read as it looks`, () => assert.equal(made(text), expected));
}

test("what is read aloud and quoted has no marks", () => {
  assert.equal(plainText("**Hello** [you](https://a.example)\n> `x`\n- a\n2. b"), "Hello you\nx\na\n2. b");
  assert.equal(plainText("plain"), "plain");
});

test("a link whose words look like another address shows where it leads", () => {
  for (const [words, href, host] of VECTORS.hosts) assert.equal(hiddenHost(words, href), host, words);
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
