/** How somebody has chosen to be told in this browser; kept here, as it is true of this device alone. */

/** "page": while one is open, by the page itself; "push": also when none is. @typedef {"page" | "push"} Way */

const KEY = "porch.desktop";

/** Whether this browser can do it at all: on plain http none can. */
export function isPossible() {
  return isSecureContext && "Notification" in window && "locks" in navigator && typeof BroadcastChannel === "function";
}

/** @returns {Way | null} how somebody has chosen to be told here, if the browser lets us */
export function chosen() {
  try {
    const way = localStorage.getItem(KEY);
    return isPossible() && Notification.permission === "granted" && (way === "page" || way === "push") ? way : null;
  } catch {
    return null;
  }
}

/** @param {Way | null} way @returns {boolean} whether it could be written down */
export function choose(way) {
  try {
    localStorage.setItem(KEY, way ?? "no");
    return true;
  } catch {
    return false;
  }
}
