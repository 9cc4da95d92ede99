/** The room's link: its code, and copying it, also on plain http, where browsers give no clipboard. */

import { gettext } from "./gettext.js";

const SHOWN = 2500;

/** The code under the composer goes away with Esc, and the focus back to its button. */
export function setUpCode() {
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      details.open = false;
      details.querySelector("summary")?.focus();
    });
  }
}

/** Makes every Copy button of the page work. */
export function setUpCopying() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.hidden = false;
    button.addEventListener("click", () => void copyFor(button));
  }
}

/** @param {HTMLButtonElement} button */
async function copyFor(button) {
  const source = document.getElementById(button.dataset.copy ?? "");
  const words = button.querySelector("span");
  if (!source || !words) return;
  const copied = await copy(source.textContent?.trim() ?? "", source);
  words.textContent = copied ? gettext("Copied") : gettext("Press Ctrl+C");
  setTimeout(() => { words.textContent = gettext("Copy"); }, SHOWN);
}

/**
 * @param {string} text
 * @param {HTMLElement} source where the text stands on the page; it stays selected when copying is left to the reader
 * @returns {Promise<boolean>}
 */
export async function copy(text, source) {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused, for example inside a frame; the old way may still work.
  }
  const selection = getSelection();
  selection?.selectAllChildren(source);
  const done = document.execCommand("copy");
  if (done) selection?.removeAllRanges();
  return done;
}
