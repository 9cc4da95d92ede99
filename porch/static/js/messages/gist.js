/** A message in words, also where there are none: then its files speak for it. */

/** @param {import("../base/types.js").More & {content: string}} message @returns {string} */
export function gist({ content, files = [] }) {
  return content || files.map(({ alt, name }) => alt ?? name).join(", ");
}
