/** The room's panel: beside the log on a wide screen; on a phone its contents move into a dialog and back. */

import { byId } from "./dom.js";

export function setUpPanel() {
  const side = byId("panel", HTMLElement);
  const sheet = byId("sheet", HTMLDialogElement);
  if (typeof sheet.showModal !== "function") return;

  document.querySelector("[data-open-panel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    sheet.append(...side.children);
    sheet.showModal();
  });
  // However it closes (the button, Esc, the browser's back gesture), the contents go home; the dialog returns the focus.
  sheet.addEventListener("close", () => side.append(...sheet.children));
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  document.querySelector("[data-close]")?.addEventListener("click", (event) => {
    if (!sheet.open) return;
    event.preventDefault();
    sheet.close();
  });
  matchMedia("(min-width: 48rem)").addEventListener("change", (wide) => { if (wide.matches) sheet.close(); });
}
