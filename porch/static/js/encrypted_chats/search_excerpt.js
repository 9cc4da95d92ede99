/** The part of a message around what was found in it, in pieces; as `actions/reading/search.py` cuts it, but in UTF-16 code units. */

/** @import { Mark } from "./search_words.js" */

const LONGEST = 240;
/** Of it before what was found first. */
const BEFORE = 60;

/**
 * It begins with a word if there is one near.
 * @param {string} text @param {Mark[]} marks at least one
 * @returns {{pieces: {text: string, isFound: boolean}[], cutBefore: boolean, cutAfter: boolean}}
 */
export function searchExcerpt(text, marks) {
  const [first] = marks[0];
  let start = 0;
  if (first > BEFORE && text.length > LONGEST) {
    const space = text.slice(first - BEFORE, first).indexOf(" ");
    start = between(text, first - BEFORE + space + 1);
  }
  const end = between(text, Math.min(text.length, start + LONGEST));
  const pieces = [];
  let at = start;
  for (const [from, to] of marks) {
    if (from >= end) break;
    pieces.push({ text: text.slice(at, from), isFound: false }, { text: text.slice(from, Math.min(to, end)), isFound: true });
    at = Math.min(to, end);
  }
  pieces.push({ text: text.slice(at, end), isFound: false });
  return { pieces: pieces.filter((piece) => piece.text !== ""), cutBefore: start > 0, cutAfter: end < text.length };
}

/** A place that does not cut a character of two units in two. @param {string} text @param {number} at */
function between(text, at) {
  return /[\uDC00-\uDFFF]/u.test(text[at] ?? "") && /[\uD800-\uDBFF]/u.test(text[at - 1] ?? "") ? at - 1 : at;
}
