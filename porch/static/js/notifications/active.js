/** Tells the server that somebody looks at this device, so that none of theirs is pushed to meanwhile. */

/** @import { request } from "../base/api.js" */

/** Milliseconds between two words; the server takes one for 90 seconds. */
const EVERY = 60_000;
/** Whoever has touched nothing for so long, in milliseconds, has gone. */
const IDLE = 3 * 60_000;

/** @param {typeof request} ask */
export function tellActivity(ask) {
  let touched = Date.now();
  /** What was said last. */
  let said = false;
  let due = 0;

  const look = () => {
    const active = document.visibilityState === "visible" && document.hasFocus() && Date.now() - touched < IDLE;
    if (active === said && (!active || Date.now() < due)) return;
    said = active;
    due = Date.now() + EVERY - 1000;
    // The next word tries again.
    ask("PUT", "/sessions/current/active", { active }, { keepalive: true }).catch(() => { due = 0; });
  };
  const touch = () => { touched = Date.now(); if (!said) look(); };

  for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, touch, { passive: true, capture: true });
  for (const sign of ["focus", "blur"]) addEventListener(sign, look);
  document.addEventListener("visibilitychange", look);
  // Leaving, a page is neither hidden nor out of focus yet.
  addEventListener("pagehide", () => { touched = 0; look(); });
  addEventListener("pageshow", touch);
  setInterval(look, EVERY / 4);
  look();
}
