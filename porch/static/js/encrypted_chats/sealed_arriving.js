/** Keeps the key of a sealed room's link for whoever has to come in first. Loaded late, where a link led to a page of coming in. */

import { arriving, secretIn } from "./sealed_link.js";
import { SealedStore } from "./sealed_store.js";

/** @param {string} fragment as it stood in the address @param {string} next the path one is on the way to */
export async function keepForLater(fragment, next) {
  const hashKey = /^\/chatrooms\/([\w-]+)\//u.exec(next)?.[1];
  const secret = secretIn(fragment);
  if (!hashKey || !secret) return;
  const store = await SealedStore.open();
  await store.keep(arriving(hashKey), secret);
}
