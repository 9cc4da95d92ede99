/** Offers names while one is typed. */

import { ApiError, get } from "../base/api.js";
import { element } from "../base/dom.js";

/** @import { Somebody } from "../base/types.js" */

/** Milliseconds without a letter before the server is asked. */
const PAUSE = 150;
/** Code points of a name's beginning that the server looks at. */
const LONGEST = 32;

/** @param {HTMLInputElement} field @param {HTMLDataListElement} names */
export function completeNames(field, names) {
  const begun = () => field.value.trim();
  const ask = asking({ begun, ask: async (q) => (await get(`/users?q=${q}`)).users, answer: (users) => {
    names.replaceChildren(...users.map(({ username }) => element("option", { value: username })));
  } });
  field.addEventListener("input", ask);
}

/**
 * Asks for names that begin like what is typed, after a pause, and answers with them if the same is still typed then.
 * @param {object} field
 * @param {() => string} field.begun what is typed of the name now; "" when none is
 * @param {(q: string) => Promise<Somebody[]>} field.ask `q` as it stands in an address
 * @param {(found: Somebody[], begun: string) => void} field.answer
 */
export function asking({ begun, ask, answer }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const offer = async () => {
    const now = begun();
    if (now === "") return;
    try {
      const found = await ask(encodeURIComponent([...now].slice(0, LONGEST).join("")));
      if (begun() === now) answer(found, now);
    } catch (error) {
      // A whole name can be typed all the same.
      if (!(error instanceof ApiError)) throw error;
    }
  };
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => void offer(), PAUSE);
  };
}
