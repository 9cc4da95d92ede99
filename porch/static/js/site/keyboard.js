/**
 * Keeps the composer above a phone's keyboard. Where the browser shrinks the page by itself (`interactive-widget`) there is
 * nothing to do; Safari lays the keyboard over the page and tells only the visual viewport.
 */

/** Bars of the browser that come and go are lower than this; keyboards are higher. */
const KEYBOARD = 120;

/** @param {HTMLElement} page the element that fills the screen */
export function keepAboveKeyboard(page) {
  const seen = window.visualViewport;
  if (!seen) return;
  const fit = () => {
    // Zoomed in, the viewport is small for another reason.
    const covered = seen.scale === 1 && window.innerHeight - seen.height > KEYBOARD;
    page.style.height = covered ? `${seen.height}px` : "";
    if (covered) window.scrollTo(0, 0);
  };
  seen.addEventListener("resize", fit);
}
