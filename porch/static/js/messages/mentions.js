/** Where a text calls somebody. Pure: whoever shows the text marks the places. */

/** @import { Mention } from "../base/types.js" */

/** @typedef {{start: number, end: number, mention: Mention}} Range in code units, with the sign before the name, the end excluded */

/** What the server takes for the beginning of a name (`names/calling.py`). */
const AT = /(?<![\p{L}\p{N}_@])@(?=[^\s@])/gu;

/**
 * The places at which these people are called, in the order of the text, none over another. Names are compared without
 * case and differences of width; the longest one that fits is meant.
 * @param {string} content @param {readonly Mention[]} mentions as the message has them
 * @returns {Range[]}
 */
export function mentionRanges(content, mentions) {
  if (mentions.length === 0) return [];
  const known = mentions.map((mention) => ({ mention, name: folded(mention.username) }));
  known.sort((a, b) => b.name.length - a.name.length);
  /** @type {Range[]} */
  const found = [];
  for (const { index } of content.matchAll(AT)) {
    if (index < (found.at(-1)?.end ?? 0)) continue;
    for (const { mention, name } of known) {
      const length = lengthOf(content, index + 1, name);
      if (length > 0 && endsWord(content, index + 1 + length)) {
        found.push({ start: index, end: index + 1 + length, mention });
        break;
      }
    }
  }
  return found;
}

/**
 * How much of the text, from a place on, is this name; 0 if it is not. A letter may be written by more units than its folded form.
 * @param {string} content @param {number} from @param {string} name folded
 */
function lengthOf(content, from, name) {
  for (let length = Math.max(1, name.length - 4); length <= name.length + 8 && from + length <= content.length; length += 1) {
    if (folded(content.slice(from, from + length)) === name) return length;
  }
  return 0;
}

/** @param {string} content @param {number} end */
function endsWord(content, end) {
  const before = content.slice(0, end).match(/.$/u)?.[0] ?? "";
  const after = content.slice(end).match(/^./u)?.[0] ?? "";
  const both = /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after);
  return !both || /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u{3ffff}]/u.test(before);
}

/** @param {string} text */
function folded(text) {
  return text.normalize("NFKC").toLowerCase().normalize("NFC");
}
