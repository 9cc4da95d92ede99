/** A message's text as elements: text nodes and links, never markup. */

import { element } from "../base/dom.js";
import { pieces } from "./text.js";

/**
 * @param {string} content
 * @returns {HTMLParagraphElement}
 */
export function textView(content) {
  const paragraph = element("p", { dir: "auto" });
  paragraph.append(...pieces(content).map((piece) => piece.href ? bareAnchor(piece.href, piece.text) : piece.text));
  return paragraph;
}

/** A link, whose address `text.js` has let through. @param {string} href @param {...(Node | string)} words */
export function anchor(href, ...words) {
  // The real host, in plain letters, for a name that is written in look-alike ones.
  return element("a", { rel: "noopener nofollow ugc", target: "_blank", href, title: href }, ...words);
}

/** An address that stands as such reads from left to right in any text. @param {string} href @param {string} words */
function bareAnchor(href, words) {
  const made = anchor(href, words);
  made.dir = "ltr";
  return made;
}
