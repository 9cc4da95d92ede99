/**
 * The editor of the site. Without this file everything works by its buttons; with it the preview follows what is
 * written, Ctrl+S saves, and who leaves what is not saved is asked first.
 */

import { askBeforeLeaving } from "./base/unsaved.js";

const PAUSE = 900; // milliseconds without a letter, after which the preview is made anew

const form = document.querySelector("form[data-editor]");
const frame = document.querySelector("iframe[name=preview]");
if (form instanceof HTMLFormElement && frame instanceof HTMLIFrameElement) setUp(form, frame);

/**
 * @param {HTMLFormElement} form
 * @param {HTMLIFrameElement} frame
 */
function setUp(form, frame) {
  const button = form.querySelector("[data-preview]");
  if (!(button instanceof HTMLButtonElement)) return;
  let timer = 0;
  // An address within the page would move what stands around the frame, too.
  const [address, section = ""] = (button.getAttribute("formaction") ?? "").split("#");
  button.setAttribute("formaction", address);
  /** @type {number | undefined} Where the page was before; at first the section that is edited is to be seen. */
  let top;
  // A page of the browser's own, as while there is no network, is nobody else's to read.
  const shown = () => frame.contentDocument?.defaultView;
  const show = () => form.requestSubmit(button);
  let isThere = false;
  form.addEventListener("submit", ({ submitter }) => {
    if (submitter === button && isThere) top = shown()?.scrollY;
  });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(show, PAUSE);
  });
  button.addEventListener("click", () => {
    const isBelow = frame.getBoundingClientRect().top > form.getBoundingClientRect().bottom;
    if (isBelow) frame.scrollIntoView({ block: "nearest" }); // or nobody would see what came of it
  });
  frame.addEventListener("load", () => {
    top ??= frame.contentDocument?.getElementById(section)?.getBoundingClientRect().top;
    if (top !== undefined) shown()?.scrollTo({ top, behavior: "instant" });
    isThere = shown()?.location.pathname === "/site/preview/";
  });
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(/** @type {HTMLButtonElement | null} */ (form.querySelector("[data-save]")));
  });
  askUnlessMeant(form, button);
  show();
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} preview
 */
function askUnlessMeant(form, preview) {
  const content = () => new URLSearchParams(/** @type {any} */ (new FormData(form))).toString();
  // What was refused is written nowhere, even if nothing is added to it.
  const saved = "unsaved" in form.dataset ? null : content();
  let isMeant = false;
  addEventListener("submit", ({ target, submitter }) => {
    if (target instanceof HTMLFormElement && target.matches("[data-editor], [data-discards]")) isMeant ||= submitter !== preview;
  });
  // Whoever goes on writing has not left, nor has whoever was told that it was not saved.
  for (const event of ["input", "stayed"]) form.addEventListener(event, () => { isMeant = false; });
  askBeforeLeaving(() => !isMeant && content() !== saved);
}
