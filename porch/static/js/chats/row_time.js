/** When something was last done, in a row of the lobby: as short as it can be said, in full on hover. */

/** @import { Clock } from "../base/time.js" */

/** @param {HTMLElement} line @param {Clock} clock @param {string} stamp RFC 3339 @param {number} now */
export function showTime(line, clock, stamp, now) {
  const time = /** @type {HTMLTimeElement} */ (line.querySelector("time"));
  const at = Date.parse(stamp);
  const words = clock.short(at, now);
  if (time.textContent !== words) time.textContent = words;
  if (time.dateTime === stamp && time.title) return;
  time.dateTime = stamp;
  time.title = clock.full(at);
}
