/**
 * Numbers that a telephone's camera carries from one screen to another: a link in a QR code, to the page that compares them, with the
 * number behind its #, which is sent to nobody.
 */

/** @param {string} path of the page @param {string} name what the number is @param {string} groups its digits, in groups */
export function linkWith(path, name, groups) {
  return `${location.origin}${path}#${name}=${groups.replaceAll(" ", "")}`;
}

/**
 * The number that a link has brought here; it leaves the address bar at once.
 * @param {string} name
 * @returns {string | null} whatever stood there; null where there is none
 */
export function takeScanned(name) {
  const { hash, pathname, search } = location;
  if (!hash.startsWith(`#${name}=`)) return null;
  history.replaceState(history.state, "", pathname + search);
  return hash.slice(name.length + 2);
}

/** Whether it is the number that is known here. @param {string} scanned @param {string} groups */
export function isSame(scanned, groups) {
  return scanned === groups.replaceAll(" ", "");
}
