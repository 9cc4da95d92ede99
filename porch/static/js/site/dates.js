/** Days in forms are meant as the reader has them, which only scripts can tell the server. */

import { element } from "../base/dom.js";

export function setUpDates() {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-zone]"))) {
    for (const day of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=date]"))) {
      const zone = element("input", { type: "hidden", name: `${day.name}_tz` });
      form.append(zone);
      form.addEventListener("submit", () => { zone.value = day.value && String(minutesEast(day.value)); });
    }
  }
}

/** How far this device is east of UTC when a day begins. @param {string} day `2026-03-11` */
export function minutesEast(day) {
  return -new Date(`${day}T00:00`).getTimezoneOffset() || 0;
}
