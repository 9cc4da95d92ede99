/** Removes what this browser keeps of somebody who logs out: nobody who comes after finds it. */

import { request } from "../base/api.js";
import { ngettext } from "../base/gettext.js";
import { choose, chosen } from "../notifications/desktop_choice.js";
import { Push } from "../notifications/push.js";
import { answer, database, within } from "../log/outbox_store.js";
import { tellAll } from "../log/tabs.js";

/** @import { Database } from "../log/outbox_store.js" */

/** Milliseconds in which other tabs, and this one, hear that they are to keep nothing more. */
const HEARD = 100;

/**
 * @param {HTMLFormElement} form `data-ends` is whose session it ends; `data-asks` where to ask first if that loses something
 * @returns {Promise<"asked" | void>}
 */
export async function leave({ dataset: { ends, asks } }) {
  const userId = Number(ends);
  const range = everywhere(userId);
  const db = await database();
  if (asks && await waiting(db, range) > 0) {
    location.assign(asks);
    return "asked";
  }
  tellAll(userId, { what: "left" });
  // So that they have stopped before all is removed.
  await new Promise((resolve) => setTimeout(resolve, HEARD));
  await within(db, ["outbox", "drafts", "leases"], async (outbox, ...others) => {
    for (const id of await answer(outbox.index("place").getAllKeys(range))) outbox.delete(id);
    for (const store of others) store.delete(range);
  });
  await untell();
}

/** Whoever comes next has not asked to be told here, and does not see what was told. */
async function untell() {
  const way = chosen();
  if (way) choose(null);
  if (way === "push") await new Push(request).end();
}

/** Says what would be lost. @param {HTMLElement} place `data-of` is whose messages it is about */
export async function warn(place) {
  const userId = Number(place.dataset.of);
  const count = await waiting(await database(), everywhere(userId));
  place.textContent = ngettext(
    "%(num)s message of yours in this browser has not been sent. Logging out throws it away.",
    "%(num)s messages of yours in this browser have not been sent. Logging out throws them away.",
    count,
  );
  place.hidden = count === 0;
}

/** How many messages wait, in all rooms. @param {Database} db @param {IDBKeyRange} range */
function waiting(db, range) {
  return within(db, ["outbox"], (outbox) => answer(outbox.index("place").count(range)));
}

/** @param {number} userId */
function everywhere(userId) {
  return IDBKeyRange.bound([userId], [userId, []]);
}
