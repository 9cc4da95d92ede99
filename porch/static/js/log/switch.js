/** The choice of this browser to ask once a second instead of keeping a line open. */

import { byId } from "../base/dom.js";

const KEY = "porch.polling";

/**
 * Shows the switch.
 * @param {"socket" | "poll"} live what the site is set to; "poll" leaves no choice
 * @param {(polling: boolean) => void} onChange
 * @returns {boolean} whether to ask once a second now
 */
export function setUpSwitch(live, onChange) {
  const box = byId("polling", HTMLInputElement);
  byId("updates", HTMLElement).hidden = false;
  if (live === "poll") return true;
  box.checked = prefersPolling(live);
  box.addEventListener("change", () => { write(box.checked ? "yes" : "no"); onChange(box.checked); });
  return box.checked;
}

/** @param {"socket" | "poll"} live what the site is set to */
export function prefersPolling(live) {
  return live === "poll" || read() === "yes";
}

/** A browser that keeps nothing for sites throws here; then the choice lasts as long as the page. */
function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @param {string} value */
function write(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // As above.
  }
}
