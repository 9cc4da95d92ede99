/** The library for HPKE, fetched when it is first needed. */

import { hpkeSuite } from "./hpke.js";

/** @typedef {import("./hpke.js").Suite} Suite */

/** Absolute, as this module is served from more than one folder. */
const LIBRARY = "/static/vendor/hpke.js";
/** @type {Promise<Suite> | null} */
let loading = null;

/** @returns {Promise<Suite>} rejected without a network; the next call tries again */
export function loadSuite() {
  loading ??= import(LIBRARY).then(hpkeSuite).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}
