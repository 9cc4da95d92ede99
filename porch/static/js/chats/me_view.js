/** Who one is, wherever the page says it: in the bar, in the panel, in the greeting of the lobby. */

/** @import { Me } from "../base/types.js" */

/** @param {Me} me */
export function showMe({ username }) {
  const [letter = ""] = username;
  for (const name of document.querySelectorAll(".me bdi, .hello bdi")) name.textContent = username;
  for (const plate of document.querySelectorAll(".me .plate")) plate.textContent = letter.toUpperCase();
}
