/** Texts in which something else than words stands, as elements do. Pure. */

import { LANGUAGE } from "./gettext.js";

/**
 * A text in pieces.
 * @template T
 * @param {string} text @param {Record<string, T | T[]>} parts what stands for `%(name)s`
 * @returns {(T | string)[]}
 */
export function filled(text, parts) {
  return text.split(/%\((\w+)\)s/u).flatMap((piece, at) => at % 2 ? parts[piece] : piece || []);
}

/**
 * Ann, Bo and Cem, in pieces.
 * @template T
 * @param {T[]} items @returns {(T | string)[]}
 */
export function listed(items) {
  // Americans put a comma before the "and".
  const list = new Intl.ListFormat(LANGUAGE === "en" ? "en-GB" : LANGUAGE);
  return list.formatToParts(items.map((_, at) => String(at))).map(({ type, value }) => type === "element" ? items[Number(value)] : value);
}
