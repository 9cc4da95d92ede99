/** Going to a day of a room: the day is meant as the reader has it, which only scripts can tell the server. */

import { element } from "../base/dom.js";

export function setUpDates() {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-zone]"))) {
    const zone = element("input", { type: "hidden", name: "tz" });
    form.append(zone);
    form.addEventListener("submit", () => { zone.value = String(minutesEast(String(new FormData(form).get("at")))); });
  }
}

/** How far this device is east of UTC when a day begins. @param {string} day `2026-03-11` */
export function minutesEast(day) {
  return -new Date(`${day}T00:00`).getTimezoneOffset() || 0;
}
