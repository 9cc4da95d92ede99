/** Projects by kind. Without this file each kind is a page of its own; with it the list changes in place. */

import { ngettext } from "../base/gettext.js";

export function setUpKinds() {
  for (const list of document.querySelectorAll("[data-filters]")) {
    if (list instanceof HTMLElement) list.addEventListener("click", (event) => choose(event, list));
  }
}

/**
 * @param {MouseEvent} event
 * @param {HTMLElement} list
 */
function choose(event, list) {
  const link = event.target instanceof Element ? event.target.closest("[data-kind]") : null;
  // With a key held down a link opens elsewhere, as ever.
  if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const kind = link.dataset.kind ?? "";
  for (const other of list.querySelectorAll("[data-kind]")) {
    if (other === link) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
  let shown = 0;
  for (const work of list.querySelectorAll(".work")) {
    if (!(work instanceof HTMLElement)) continue;
    work.hidden = kind !== "" && !(work.dataset.tags ?? "").split(" ").includes(kind);
    if (!work.hidden) shown += 1;
  }
  const count = list.querySelector("[data-count]");
  if (count) count.textContent = ngettext("One project", "%(num)s projects", shown);
}
