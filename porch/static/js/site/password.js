/** The button in a password's field that shows what was typed. */

import { gettext } from "../base/gettext.js";

export function setUpPasswords() {
  for (const button of document.querySelectorAll("button[data-shows]")) {
    const input = document.getElementById(button.getAttribute("data-shows") ?? "");
    if (button instanceof HTMLButtonElement && input instanceof HTMLInputElement) setUp(button, input);
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLInputElement} input
 */
function setUp(button, input) {
  /** @param {boolean} shown */
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    const words = button.firstChild;
    if (words) words.nodeValue = shown ? gettext("Hide") : gettext("Show");
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers keep what was typed in fields of text, and offer it to the next person.
  input.form?.addEventListener("submit", () => show(false));
  addEventListener("pageshow", () => show(false));
}
