/** The room's panel: beside the log on a wide screen; on a phone its contents move into a dialog and back. */

import { byId } from "../base/dom.js";

export function setUpPanel() {
  const side = byId("panel", HTMLElement);
  const sheet = byId("sheet", HTMLDialogElement);
  if (typeof sheet.showModal !== "function") return;
  const wide = matchMedia("(min-width: 48rem)");
  /** Whether it is to open again once the step of its last closing is taken back, which takes the browser a moment. */
  let wanted = false;

  function open() {
    wanted = false;
    sheet.append(...side.children);
    if (!sheet.open) sheet.showModal();
    // A step for the Back button, which on a phone is expected to close what lies over the page.
    if (history.state !== "sheet") history.pushState("sheet", "");
  }
  document.querySelector("[data-open-panel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    if (history.state === "sheet") wanted = true;
    else open();
  });
  // However it closes (the button, Esc, Back), the contents go home; the dialog returns the focus.
  sheet.addEventListener("close", () => {
    side.append(...sheet.children);
    if (history.state === "sheet") history.back();
  });
  // Forward leads into it, too.
  addEventListener("popstate", () => {
    if (wanted || (history.state === "sheet" && !wide.matches)) open();
    else sheet.close();
  });
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  for (const way of document.querySelectorAll("[data-close]")) {
    // Before whatever else the press does, which may want the focus for itself.
    way.addEventListener("click", (event) => {
      if (!sheet.open) return;
      if (way.matches("[href='#']")) event.preventDefault();
      sheet.close();
    }, true);
  }
  wide.addEventListener("change", () => { if (wide.matches) sheet.close(); });
}
