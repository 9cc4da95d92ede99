/** What in a message is a link. No elements are made here; `text_view.js` does that. */

/** @typedef {{text: string, href?: string}} Piece */

const CANDIDATE = /\b(?:https?:\/\/|mailto:)[^\s<>"\u0000-\u001f\u00a0\u2028\u2029]+/giu;
const ALLOWED = new Set(["http:", "https:", "mailto:"]);
const TRAILING = /[.,;:!?'"’”»)\]}]$/u;
const OPENING = new Map([[")", "("], ["]", "["], ["}", "{"]]);

/**
 * Cuts a text into plain pieces and links (http, https and mailto only).
 * @param {string} text
 * @returns {Piece[]} pieces that joined give the text again
 */
export function pieces(text) {
  /** @type {Piece[]} */
  const found = [];
  let done = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = withoutTrailing(match[0]);
    const href = address(shown);
    if (!href) continue;
    if (match.index > done) found.push({ text: text.slice(done, match.index) });
    found.push({ text: shown, href });
    done = match.index + shown.length;
  }
  if (done < text.length) found.push({ text: text.slice(done) });
  return found;
}

/**
 * The address behind what looks like a link, or null. One with a user name in it (`https://bank.example@evil.example`)
 * is left as text: such names exist to be misread.
 * @param {string} shown
 */
function address(shown) {
  let url;
  try {
    url = new URL(shown);
  } catch {
    return null;
  }
  if (!ALLOWED.has(url.protocol) || url.username || url.password) return null;
  if (url.protocol === "mailto:" ? !url.pathname.includes("@") : !url.hostname) return null;
  return url.href;
}

/**
 * A sentence's own full stop or closing bracket does not belong to the link at its end; a bracket that
 * the link itself opened does.
 * @param {string} link
 */
function withoutTrailing(link) {
  /** @type {Map<string, number>} closing brackets that nothing has opened; counted once, as there may be thousands */
  const surplus = new Map();
  let end = link.length;
  for (; TRAILING.test(link[end - 1] ?? ""); end -= 1) {
    const last = link[end - 1];
    const opening = OPENING.get(last);
    if (!opening) continue;
    const left = surplus.get(last) ?? count(link, last) - count(link, opening);
    if (left <= 0) break;
    surplus.set(last, left - 1);
  }
  return link.slice(0, end);
}

/** @param {string} text @param {string} sign */
function count(text, sign) {
  return text.split(sign).length - 1;
}
