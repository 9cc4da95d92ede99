/**
 * The words of a text as they are searched, where they stand in it, and what somebody looks for, where the server cannot look. It is
 * what `engines/search/words.py` says there, and both are held against the same examples; places are in UTF-16 code units here.
 */

/** @typedef {{text: string, start: number, end: number, dense: boolean}} Word a `dense` one is a character that belongs to those beside it */
/** @typedef {{words: Word[], isOpen: boolean}} Phrase words that stand one after another; `isOpen`: the last one may go on */
/** @typedef {{phrases: Phrase[], without: Phrase[]}} Sought all of the first, none of the second */
/** @typedef {[start: number, end: number]} Mark */

/** Code points of a word that count. */
const LONGEST_WORD = 64;
/** Code points of a last word that is taken for the beginning of longer ones. */
const LEAST_BEGINNING = 4;
/** Scripts that put no spaces between words: Thai and Lao, Burmese, Hangul letters, Khmer, Chinese and Japanese with their signs, Hangul syllables. */
const DENSE = "\\u0E00-\\u0EFF\\u1000-\\u109F\\u1100-\\u11FF\\u1780-\\u17FF\\u3005-\\u3007\\u3040-\\u318F\\u31F0-\\u31FF\\u3400-\\u4DBF\\u4E00-\\u9FFF\\uAC00-\\uD7AF\\uF900-\\uFAFF\\uFF66-\\uFFDC\\u{20000}-\\u{3FFFF}";
/** Text or emoji: the same sign. */
const VARIATION = "\\uFE0E\\uFE0F";
const WORDS = new RegExp(`(?<dense>[${DENSE}])|(?<word>(?:(?![${DENSE}${VARIATION}])[\\p{L}\\p{N}\\p{M}])+)|(?![\\0-\\x7F])\\p{S}`, "gu");
/** Nothing of it belongs to a word. */
const NO_WORD = /(?![0-9A-Za-z])[\0-\x7F]|[\s\x85]/gu;
/** A phrase in quotes, also one that does not end; or what stands between spaces. A minus before either. */
const SOUGHT = /(?<minus>-?)"(?<phrase>[^"]*)"?|(?<word>[^\s"]+)/gu;
const QUOTES = /[“”„‟«»〝〞＂]/gu;
/** The second as some keyboards write it. */
const MINUS = /^[-−]+/u;
/** Of the highest combining class. */
const HIGHEST = "\u0345";

/** @param {string} text @returns {Word[]} */
function wordsOf(text) {
  /** @type {Word[]} */
  const words = [];
  for (const { 0: found, index: start, groups } of text.matchAll(WORDS)) {
    // Accents of the others are kept: with them kana are other syllables, and Thai vowels are marks.
    const folded = groups?.word ? withoutAccents(caseless(found)) : caseless(found).normalize("NFKC");
    const word = [...folded.replace(NO_WORD, "")].slice(0, LONGEST_WORD).join("");
    if (word) words.push({ text: word, start, end: start + found.length, dense: Boolean(groups?.dense) });
  }
  return words;
}

/** What a text looks for that somebody has typed: whatever it is, it means something, if only nothing. @param {string} typed @returns {Sought} */
export function soughtIn(typed) {
  /** @type {Sought} */
  const sought = { phrases: [], without: [] };
  const matches = [...typed.replace(QUOTES, '"').matchAll(SOUGHT)];
  for (const [at, { groups: { minus, phrase, word } = {} }] of matches.entries()) {
    const isQuoted = word === undefined;
    const words = wordsOf(isQuoted ? phrase : word.replace(MINUS, ""));
    const last = words.at(-1);
    if (!last) continue;
    const isExcluded = isQuoted ? minus !== "" : MINUS.test(word);
    // Only the last word may be unfinished.
    const mayGoOn = at === matches.length - 1 && !isQuoted && [...last.text].length >= LEAST_BEGINNING;
    (isExcluded ? sought.without : sought.phrases).push({ words, isOpen: (mayGoOn && !isExcluded) || isLone(words) });
  }
  return sought;
}

/**
 * Where the phrases stand in a text, in its order and without overlaps.
 * @param {Sought} sought @param {string} text
 * @returns {Mark[] | null} null where it does not have all of them, or one that it must not have
 */
export function marksOf({ phrases, without }, text) {
  const words = wordsOf(text);
  if (phrases.length === 0 || without.some((phrase) => places(phrase, words).length > 0)) return null;
  /** @type {Mark[]} */
  const found = [];
  for (const phrase of phrases) {
    const here = places(phrase, words);
    if (here.length === 0) return null;
    found.push(...here);
  }
  return joined(found);
}

/** @param {Phrase} phrase @param {Word[]} words @returns {Mark[]} */
function places({ words: wanted, isOpen }, words) {
  /** @type {Mark[]} */
  const found = [];
  const last = wanted.length - 1;
  for (let at = 0; at + last < words.length; at += 1) {
    const fits = wanted.every(({ text }, place) => {
      const { text: there } = words[at + place];
      return isOpen && place === last ? there.startsWith(text) : there === text;
    });
    if (fits) found.push([words[at].start, words[at + last].end]);
  }
  return found;
}

/** @param {Mark[]} marks @returns {Mark[]} */
function joined(marks) {
  /** @type {Mark[]} */
  const found = [];
  for (const [start, end] of marks.sort(([one], [other]) => one - other)) {
    const before = found.at(-1);
    if (before && start < before[1]) before[1] = Math.max(before[1], end);
    else found.push([start, end]);
  }
  return found;
}

/** Whether they end in a dense character that is alone: it belongs to whatever comes next. @param {Word[]} words */
function isLone(words) {
  const [before, last] = [words.at(-2), words.at(-1)];
  return last?.dense === true && !(before?.dense && before.end === last.start);
}

/** As Unicode's case folding: ß is ss, and a sigma at the end one. @param {string} text */
function caseless(text) {
  return text.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/** @param {string} text */
function withoutAccents(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, (mark) => isAccent(mark) ? "" : mark).normalize("NFKC");
}

/** @type {Map<string, boolean>} by mark */
const accents = new Map();

/** Whether a mark has a combining class; vowel signs, as those of Hindi, have none. @param {string} mark of a decomposed text */
function isAccent(mark) {
  let known = accents.get(mark);
  if (known === undefined) {
    // Normalization puts marks in the order of their classes, and those without stay where they are.
    known = mark === HIGHEST || (HIGHEST + mark).normalize("NFD") !== HIGHEST + mark;
    accents.set(mark, known);
  }
  return known;
}
