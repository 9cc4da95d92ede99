/** A message's text as elements: text nodes and links, never markup. */

import { element } from "./dom.js";
import { pieces } from "./text.js";

/**
 * @param {string} content
 * @returns {HTMLParagraphElement}
 */
export function textView(content) {
  const paragraph = element("p", { dir: "auto" });
  paragraph.append(...pieces(content).map((piece) => piece.href ? link(piece.text, piece.href) : piece.text));
  return paragraph;
}

/** @param {string} text @param {string} href */
function link(text, href) {
  const anchor = element("a", { rel: "noopener nofollow ugc", target: "_blank", dir: "ltr" }, text);
  anchor.href = href;
  // The real host, in plain letters, for a name that is written in look-alike ones.
  anchor.title = href;
  return anchor;
}
