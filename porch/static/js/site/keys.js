/** Keys that work on every page of whoever is signed in. What they open is loaded with the first press. */

export function setUpKeys() {
  const way = document.querySelector("[data-find]");
  if (!(way instanceof HTMLElement)) return;
  const styles = way.dataset.styles ?? "";
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-keys]"))) button.hidden = false;
  document.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
    if (isComposing || altKey) return;
    // In text fields, too: that is what people know from other chats, and no browser needs these keys there.
    if ((ctrlKey || metaKey) && !shiftKey && key.toLowerCase() === "k") act(event, find);
    else if (key === "?" && !ctrlKey && !metaKey && !isTyped(event.target)) act(event, keys);
  });
  document.addEventListener("click", (event) => {
    const { target, ctrlKey, metaKey, shiftKey } = event;
    if (!(target instanceof Element) || ctrlKey || metaKey || shiftKey) return;
    if (target.closest("[data-find]")) act(event, find);
    else if (target.closest("[data-keys]")) act(event, keys);
  });

  async function find() {
    const { openSwitcher } = await import("../chats/switcher.js");
    await openSwitcher(styles);
  }

  async function keys() {
    const { openKeyHelp } = await import("./key_help.js");
    await openKeyHelp(styles);
  }
}

/** @param {Event} event @param {() => Promise<void>} what */
function act(event, what) {
  event.preventDefault();
  // Without a network: what was opened before goes on to work, and nothing else does.
  what().catch(() => {});
}

/** @param {EventTarget | null} target */
function isTyped(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
