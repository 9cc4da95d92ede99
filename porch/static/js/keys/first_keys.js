/** Makes the keys of an account silently, where it comes by with a browser that can and has none yet. Loaded late. */

import { hasKeys, mayHaveKeys, openStore, ownKeys } from "./own_keys.js";

/** @param {number} user @param {import("./own_keys.js").Ask} ask */
export async function ensureKeys(user, ask) {
  const store = mayHaveKeys() ? await openStore() : null;
  if (store && !(await hasKeys(user, store))) await ownKeys({ user, ask, store });
}
