/** A message in a line. */

const LENGTH = 140;

/** @param {string} content @returns {string} */
export function excerpt(content) {
  const line = content.replace(/\s+/gu, " ").trim();
  return line.length > LENGTH ? `${line.slice(0, LENGTH).replace(/[\uD800-\uDBFF]$/u, "")} …` : line;
}
