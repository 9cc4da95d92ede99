/** What the page says of itself that a message links to: its words as text, and the host it really is at. */

import { element } from "../base/dom.js";
import { pieces } from "./text.js";
import { anchor } from "./text_view.js";

/** @import { Preview } from "../base/types.js" */

/** @param {Preview} preview @returns {Node[]} nothing for what is no link by the rules of every address */
export function previewView({ url, title, description, site }) {
  const [link, ...more] = pieces(url);
  if (!link?.href || more.length > 0) return [];
  const host = element("span", { class: "host", dir: "ltr" }, new URL(link.href).host);
  return [element("div", { class: "preview" },
    element("div", { class: "from" }, ...(site ? [element("bdi", {}, site), " · "] : []), host),
    element("div", { class: "title", dir: "auto" }, anchor(link.href, title)),
    ...(description ? [element("div", { class: "about", dir: "auto" }, description)] : []))];
}
