/** Whether the words of a link look like another address than where it leads. Pure. */

const HOST = /(?:[\p{L}\p{N}_-]+\.)+[\p{L}\p{N}-]{2,}/gu;

/**
 * The host that has to be shown beside a link; "" when its words tell no other one.
 * @param {string} words @param {string} href as `text.js` lets it through
 */
export function hiddenHost(words, href) {
  const url = new URL(href);
  const real = bare(url.protocol === "mailto:" ? url.pathname.slice(url.pathname.lastIndexOf("@") + 1) : url.hostname);
  // Signs that pass for a dot are one to the eye.
  const told = words.normalize("NFKC").toLowerCase().replace(/[。．｡․]/gu, ".").match(HOST) ?? [];
  return told.every((name) => bare(name) === real) ? "" : real;
}

/** @param {string} host */
function bare(host) {
  return host.toLowerCase().replace(/^www\./u, "");
}
