/** A person's plate, as `parts/plate.html` makes it: the first letter of the name on one of eight tones. */

import { shownName } from "./shown_name.js";
import { element } from "./dom.js";

/** @param {{username: string, user_id: number}} person */
export function plate({ username, user_id }) {
  const [letter = ""] = shownName(username);
  return element("span", { class: "plate", "data-tone": String((user_id % 8) + 1), "aria-hidden": "true" }, letter.toUpperCase());
}
