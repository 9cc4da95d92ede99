/** Offers names while one is typed. */

import { ApiError, get } from "./api.js";
import { element } from "./dom.js";

/** Milliseconds without a letter before the server is asked. */
const PAUSE = 150;

/** @param {HTMLInputElement} field @param {HTMLDataListElement} names */
export function completeNames(field, names) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void offer(), PAUSE);
  });

  async function offer() {
    const begun = field.value.trim();
    if (begun === "") return;
    try {
      const { users } = await get(`/users?q=${encodeURIComponent([...begun].slice(0, 32).join(""))}`);
      if (field.value.trim() !== begun) return;
      names.replaceChildren(...users.map((/** @type {{username: string}} */ { username }) => element("option", { value: username })));
    } catch (error) {
      // A whole name can be typed all the same.
      if (!(error instanceof ApiError)) throw error;
    }
  }
}
