/** Moments that the server writes in UTC, as it does not know the reader's zone: here they are put into it. Loaded late. */

import { element } from "../base/dom.js";
import { Clock, localeFor } from "../base/time.js";

export function setUpLocalTimes() {
  const clock = new Clock({ locale: localeFor(navigator.languages) });
  const now = Date.now();
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-local]"))) {
    const at = Date.parse(time.dateTime);
    time.textContent = localWords(time.dataset.local, clock, at, now);
    time.title = clock.full(at);
  }
  for (const days of document.querySelectorAll("[data-days]")) days.replaceChildren(...byDay(days, clock, now));
}

/** `4 November, 18:05`, with the year if it is not this one. @param {string | undefined} kind `time` or `day` alone @param {Clock} clock @param {number} at @param {number} now */
export function localWords(kind, clock, at, now) {
  if (kind === "time") return clock.time(at);
  return kind === "day" ? clock.date(at, now) : `${clock.date(at, now)}, ${clock.time(at)}`;
}

/** The rows of lists under the days of the reader. @param {Element} days @param {Clock} clock @param {number} now */
function byDay(days, clock, now) {
  /** @type {HTMLElement[]} */
  const made = [];
  let last = "";
  for (const row of days.querySelectorAll("li")) {
    const at = Date.parse(row.querySelector("time")?.dateTime ?? "");
    const day = clock.day(at);
    if (day !== last) made.push(element("h3", { class: "aside" }, clock.dayLabel(at, now)), element("ul", { class: "rows" }));
    last = day;
    made[made.length - 1].append(row);
  }
  return made;
}
