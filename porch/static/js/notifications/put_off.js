/** Which requests somebody has put off, for as long as this tab is open. */

const KEY = "porch.put_off";

/** A browser that keeps nothing for sites throws here; then it lasts as long as the page. @returns {number[]} ids of chats */
export function readPutOff() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** @param {Iterable<number>} ids */
export function keepPutOff(ids) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...ids]));
  } catch {
    // As above.
  }
}
