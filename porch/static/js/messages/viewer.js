/** A picture of the log, large, with the way to the others. Loaded when one is opened. */

import { element } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { gettext } from "../base/gettext.js";

/** @import { Locked } from "../encrypted_chats/locked_files.js" */
/** @import { Attached } from "../base/types.js" */

/** @typedef {Attached & {by: string}} Seen a picture, and who sent it */

/**
 * @param {Seen[]} pictures of the loaded log, in its order
 * @param {number} at the one to begin with
 * @param {(last: Seen) => void} closed told which one was seen last
 */
export function openViewer(pictures, at, closed) {
  const image = element("img");
  const words = element("bdi", { class: "clip" });
  const place = element("span", { class: "small", role: "status" });
  const save = element("a", { class: "tool", "aria-label": gettext("Save this picture") }, drawing("save"));
  const close = element("button", { class: "tool", type: "button", "aria-label": gettext("Close") }, drawing("close"));
  const back = element("button", { class: "tool back", type: "button", "aria-label": gettext("Picture before") }, drawing("before"));
  const on = element("button", { class: "tool on", type: "button", "aria-label": gettext("Next picture") }, drawing("next"));
  const dialog = element("dialog", { class: "viewer", "aria-label": gettext("Pictures") },
    element("header", {}, element("p", { class: "grow clip" }, words, " ", place), save, close), image, back, on);

  const put = (/** @type {string} */ address, /** @type {string} */ name) => {
    image.src = address;
    Object.assign(save, { href: address, download: name });
  };
  const showLocked = async (/** @type {number} */ place, /** @type {Locked} */ file) => {
    try {
      const { addressOf } = await import("../encrypted_chats/locked_files.js");
      const address = await addressOf(file);
      if (place === at) put(address, file.name);
    } catch {
      // In the log stands why.
      if (place === at) words.textContent = gettext("This file could not be loaded.");
    }
  };
  const show = () => {
    const { url, name, alt, width, height, by, lock, ...more } = pictures[at];
    // What was there before goes at once: a new name over an old picture would be a lie.
    image.removeAttribute("src");
    save.removeAttribute("href");
    Object.assign(image, { width, height, alt: alt ?? name });
    if (lock) void showLocked(at, { url, name, width, height, lock, ...more });
    else put(url, decodeURIComponent(url.split("/").at(-1) ?? name));
    words.textContent = `${by}: ${alt ?? name}`;
    place.textContent = pictures.length > 1 ? gettext("%(place)s of %(count)s", { place: at + 1, count: pictures.length }) : "";
    back.disabled = at === 0;
    on.disabled = at === pictures.length - 1;
  };
  const go = (/** @type {number} */ step) => {
    if (!pictures[at + step]) return;
    at += step;
    show();
    // A button that is off has no focus, and keys would go nowhere.
    if (back.disabled || on.disabled) close.focus();
  };

  back.addEventListener("click", () => go(-1));
  on.addEventListener("click", () => go(1));
  close.addEventListener("click", () => dialog.close());
  // Beside the picture is out.
  dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft") go(-1);
    if (key === "ArrowRight") go(1);
  });
  dialog.addEventListener("close", () => { dialog.remove(); closed(pictures[at]); });
  back.hidden = on.hidden = pictures.length === 1;
  show();
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}
