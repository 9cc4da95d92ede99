/** What few visits need is loaded when somebody presses it: the colours, logging out, going to a day, the panel on a phone. The press waits that long. */

const FORMS = "form.theme, form[data-ends], form[data-zone]";

export function loadLate() {
  // The step of a panel that was open when the page was left, or loaded again: Back would do nothing.
  if (history.state === "sheet") history.back();
  document.addEventListener("submit", press, true);
  document.querySelector("[data-open-panel]")?.addEventListener("click", open);
}

/** @param {SubmitEvent} event */
async function press(event) {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement && form.matches(FORMS))) return;
  event.preventDefault();
  document.removeEventListener("submit", press, true);
  try {
    await import("../site.js");
    form.requestSubmit(submitter);
  } catch {
    // Without a network neither can be done; the next press tries again.
    document.addEventListener("submit", press, true);
  }
}

/** Whether the panel was pressed for; another press meanwhile is no other wish. */
let opening = false;

/** @param {Event} event */
async function open(event) {
  const way = /** @type {HTMLElement} */ (event.currentTarget);
  event.preventDefault();
  if (opening) return;
  opening = true;
  try {
    const { setUpPanel } = await import("./panel.js");
    way.removeEventListener("click", open);
    setUpPanel();
    way.click();
  } catch {
    // As without scripts.
    location.hash = "panel";
  }
  opening = false;
}
