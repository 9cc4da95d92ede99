/**
 * The editor of the site. Without this file everything works by its buttons; with it the preview follows what is
 * written, and Ctrl+S saves.
 */

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
  /** @type {number | undefined} Where the page was before; at first its address says which section is to be seen. */
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
    if (top !== undefined) shown()?.scrollTo({ top, behavior: "instant" });
    isThere = shown()?.location.pathname === "/site/preview/";
  });
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(/** @type {HTMLButtonElement | null} */ (form.querySelector("[data-save]")));
  });
  show();
}
