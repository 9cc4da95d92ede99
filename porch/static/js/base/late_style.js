/** Style sheets that are loaded when they are needed. */

import { element } from "./dom.js";

/** @param {string} href @returns {Promise<void>} settled when the style sheet is there, or cannot be had */
export function styled(href) {
  return new Promise((done) => {
    const link = element("link", { rel: "stylesheet", href });
    link.addEventListener("load", () => done());
    link.addEventListener("error", () => done());
    document.head.append(link);
  });
}
