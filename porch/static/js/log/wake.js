/** Notices that a page has been away: the computer slept, the network is another one, or somebody looks at it again. */

/** @typedef {"slept" | "network" | "looked"} Why "slept": whatever was under way before will not be answered any more */

const TICK = 2000;
/** Milliseconds between two ticks that only a sleep explains. Out of sight, browsers let a page tick once a minute. */
const LONG = { seen: 7000, hidden: 70_000 };

/** @param {(why: Why) => void} wake */
export function onWaking(wake) {
  let ticked = Date.now();
  const slept = (longest = LONG.seen) => {
    const gap = Date.now() - ticked;
    ticked = Date.now();
    return gap > longest;
  };
  setInterval(() => { if (slept(document.hidden ? LONG.hidden : LONG.seen)) wake("slept"); }, TICK);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(slept(LONG.hidden) ? "slept" : "looked"); });
  addEventListener("online", () => wake("network"));
  addEventListener("pageshow", ({ persisted }) => { if (persisted) wake("slept"); });
}
