/** What becomes a link in a message, and what never does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { codePoints, refusal, tidy } from "../../porch/static/js/composer/limits.js";
import { pieces } from "../../porch/static/js/messages/text.js";

/** @param {string} text */
const links = (text) => pieces(text).filter((piece) => piece.href).map((piece) => piece.text);

test("http, https and mailto become links", () => {
  assert.deepEqual(links("see http://a.example and https://b.example/x or mailto:oda@c.example"), [
    "http://a.example", "https://b.example/x", "mailto:oda@c.example",
  ]);
});

test("no other scheme becomes a link", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "ftp://a.example", "//a.example", "www.a.example", "JaVaScRiPt://http://"]) {
    assert.deepEqual(links(text).filter((link) => !link.startsWith("http")), [], text);
  }
  assert.deepEqual(links("javascript:alert(1)"), []);
});

test("joined, the pieces are the text, whatever it is", () => {
  for (const text of ["", "plain", "http://a.example", "x http://a.example y", "http:// http://", "<b>https://a.example</b>", "a\nhttps://b.example\n"]) {
    assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
  }
});

test("a sentence's own signs do not belong to the link at its end", () => {
  for (const end of [".", ",", "!", "?", ")", "”", "...", "?!", "'"]) assert.deepEqual(links(`(see https://a.example/x${end} `), ["https://a.example/x"], end);
});

test("a bracket that the link opened belongs to it", () => {
  assert.deepEqual(links("https://a.example/wiki/Porch_(house)."), ["https://a.example/wiki/Porch_(house)"]);
  assert.deepEqual(links("(https://a.example/wiki/Porch_(house))"), ["https://a.example/wiki/Porch_(house)"]);
});

test("markup around an address stays text", () => {
  assert.deepEqual(links('<a href="https://a.example">x</a>'), ["https://a.example"]);
});

test("an address with a user name in it stays text", () => {
  assert.deepEqual(links("https://bank.example@evil.example/ https://u:p@evil.example"), []);
});

test("an address without a host, or mail to nobody, stays text", () => {
  assert.deepEqual(links("https:// http://. mailto:x"), []);
});

test("the address behind a link with foreign letters names the real host", () => {
  const [piece] = pieces("https://аpple.example");
  assert.equal(piece.href, "https://xn--pple-43d.example/");
});

test("a very long text with many would-be links is read in linear time", () => {
  const start = performance.now();
  pieces("https://".repeat(1250));
  pieces(`https://a.example/${")".repeat(9000)}`);
  assert.ok(performance.now() - start < 500);
});

test("length is counted in code points after normalisation", () => {
  assert.equal(codePoints("😀"), 1);
  assert.equal(codePoints("e\u0301"), 1);
});

test("ten thousand characters may be sent, one more may not", () => {
  assert.equal(refusal("x".repeat(10_000)), null);
  assert.match(refusal("x".repeat(10_001)) ?? "", /10,001/);
  assert.notEqual(refusal("😀".repeat(9_000)), null);
});

test("empty lines around a text are not sent, its own indent is", () => {
  assert.equal(tidy("\n \n  indented\n\n"), "  indented");
  assert.equal(tidy(" \n\t "), "");
  assert.equal(tidy("a\r\nb"), "a\nb");
});
