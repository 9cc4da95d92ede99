/** How large something is, in words and on the page. */

import { gettext, LANGUAGE, ngettext } from "./gettext.js";

/** @param {number} bytes */
export function sizeInWords(bytes) {
  if (bytes < 1000) return ngettext("%(num)s byte", "%(num)s bytes", bytes);
  if (bytes < 999_500) return gettext("%(size)s kB", { size: short(bytes / 1e3) });
  return bytes < 999_500_000 ? gettext("%(size)s MB", { size: short(bytes / 1e6) }) : gettext("%(size)s GB", { size: short(bytes / 1e9) });
}

/** @param {number} number */
function short(number) {
  return number.toLocaleString(LANGUAGE, { maximumFractionDigits: number < 9.95 ? 1 : 0 });
}

/**
 * A picture within a square, never larger than it is; what is very long or high is cut to what a finger can press.
 * @param {{width: number, height: number}} picture @param {number} side @param {number} [least]
 */
export function within({ width, height }, side, least = 44) {
  const scale = Math.min(1, side / Math.max(width, height));
  const fit = (/** @type {number} */ length) => Math.max(Math.min(least, side), Math.round(length * scale));
  return { width: fit(width), height: fit(height) };
}
