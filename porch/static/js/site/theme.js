/** Light, dark, or as the device has it: changes the page at once, while the choice goes to the server as the form would send it. */

/** @typedef {"system" | "light" | "dark"} Theme */

export function setUpTheme() {
  for (const form of document.querySelectorAll("form.theme")) {
    if (form instanceof HTMLFormElement) form.addEventListener("submit", (event) => choose(event, form));
  }
}

/**
 * @param {SubmitEvent} event
 * @param {HTMLFormElement} form
 */
function choose(event, form) {
  if (!(event.submitter instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const theme = /** @type {Theme} */ (event.submitter.value);
  wear(theme);
  const body = new URLSearchParams({ theme, next: "/" });
  // Without an answer the choice holds for this page, which is all that can be done about it.
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
}

/** @param {Theme} theme */
function wear(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const bars = /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll("meta[name=theme-color]"));
  for (const bar of bars) {
    const chosen = [...bars].find((one) => one.getAttribute("media")?.includes(theme)) ?? bar;
    bar.content = chosen.dataset.own ?? "";
  }
  document.querySelector("meta[name=color-scheme]")?.setAttribute("content", theme === "system" ? "light dark" : theme);
  for (const button of document.querySelectorAll("form.theme button")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("value") === theme));
  }
}
