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
  let top = 0;
  // A page of the browser's own, as while there is no network, is nobody else's to read.
  const shown = () => frame.contentDocument?.defaultView;
  const show = () => {
    top = shown()?.scrollY ?? 0;
    form.requestSubmit(button);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(show, PAUSE);
  });
  button.addEventListener("click", () => {
    const isBelow = frame.getBoundingClientRect().top > form.getBoundingClientRect().bottom;
    if (isBelow) frame.scrollIntoView({ block: "nearest" }); // or nobody would see what came of it
  });
  frame.addEventListener("load", () => shown()?.scrollTo({ top, behavior: "instant" }));
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(/** @type {HTMLButtonElement | null} */ (form.querySelector("[data-save]")));
  });
  show();
}
