/** Copies of what the server writes as templates. */

import { byId } from "./dom.js";

/**
 * @param {string} id of a template, written for something with the number 0
 * @param {number} number
 * @returns {HTMLElement}
 */
export function copy(id, number) {
  const made = /** @type {DocumentFragment} */ (byId(id, HTMLTemplateElement).content.cloneNode(true)).firstElementChild;
  if (!(made instanceof HTMLElement)) throw new Error(`#${id} is empty`);
  for (const one of [made, ...made.querySelectorAll("*")]) {
    for (const name of ["id", "for", "aria-describedby"]) {
      const value = one.getAttribute(name);
      if (value) one.setAttribute(name, value.replaceAll("-0", `-${number}`));
    }
  }
  return made;
}
