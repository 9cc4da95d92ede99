/** The room's panel: beside the log on a wide screen; on a phone its contents move into a dialog and back. */

import { byId } from "../base/dom.js";

export function setUpPanel() {
  const side = byId("panel", HTMLElement);
  const sheet = byId("sheet", HTMLDialogElement);
  if (typeof sheet.showModal !== "function") return;

  document.querySelector("[data-open-panel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    sheet.append(...side.children);
    sheet.showModal();
    // A step for the Back button, which on a phone is expected to close what lies over the page.
    history.pushState("sheet", "");
  });
  // However it closes (the button, Esc, Back), the contents go home; the dialog returns the focus.
  sheet.addEventListener("close", () => {
    side.append(...sheet.children);
    if (history.state === "sheet") history.back();
  });
  addEventListener("popstate", () => sheet.close());
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  for (const way of document.querySelectorAll("[data-close]")) {
    // Before whatever else the press does, which may want the focus for itself.
    way.addEventListener("click", (event) => {
      if (!sheet.open) return;
      if (way.matches("[href='#']")) event.preventDefault();
      sheet.close();
    }, true);
  }
  matchMedia("(min-width: 48rem)").addEventListener("change", (wide) => { if (wide.matches) sheet.close(); });
}
