/** Who leaves a page with something that is not saved is asked first. */

/** @param {() => boolean} unsaved whether leaving loses something now */
export function askBeforeLeaving(unsaved) {
  addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
}
