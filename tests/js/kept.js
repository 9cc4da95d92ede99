/** A tab's way to the store: answers come later, one after another, and not at all once the tab is gone. */

import { StoreModel } from "./store_model.js";

/** @import { Store } from "../../porch/static/js/log/sender.js" */

/**
 * @param {StoreModel} model
 * @param {{delay?: () => number, alive?: () => boolean}} [tab] delay in milliseconds; a tab that is not alive asks and hears nothing
 * @returns {Store & {draft: () => Promise<string>, saveDraft: (content: string, at: number) => Promise<void>}}
 */
export function storeOf(model, { delay, alive = () => true } = {}) {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @param {() => any} work @returns {Promise<any>} */
  const later = (work) => {
    if (!alive()) return never();
    const before = last;
    const mine = (async () => {
      await before;
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay()));
      if (!alive()) return never();
      const answer = work();
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay()));
      return alive() ? answer : never();
    })();
    last = mine.catch(() => {});
    return mine;
  };
  return {
    add: (entry) => later(() => model.add(entry)),
    turn: (tab, now, needed) => later(() => model.turn(tab, now, needed)),
    // A blind write goes out even from a page that is being left.
    release: () => { model.release(); return Promise.resolve(); },
    remove: (ids) => later(() => model.remove(ids)),
    refuse: (id, problem) => later(() => model.refuse(id, problem)),
    draft: () => later(() => model.draft()),
    saveDraft: (content, at) => later(() => model.saveDraft(content, at)),
  };
}

/** @returns {Promise<never>} */
export function never() {
  return new Promise(() => {});
}
