/** Saves what one wants to be told of a chat as soon as it is chosen. Loaded late; the room lends the request. */

import { element, put } from "../base/dom.js";
import { gettext } from "../base/gettext.js";

/** @import { request as ask } from "../base/api.js" */
/** @import { Level } from "../base/types.js" */

/**
 * @param {HTMLFormElement} form as `parts/level.html` writes it; it works without this too
 * @param {typeof ask} request @param {number} chatId
 * @returns {Promise<Level>} what is saved by now
 */
export async function saveLevel(form, request, chatId) {
  const field = /** @type {HTMLSelectElement} */ (form.querySelector("select"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  let answer = form.querySelector("[role=status]");
  if (!answer) form.append(answer = element("p", { class: "small soft", role: "status" }));
  const level = /** @type {Level} */ (field.value);
  put(answer, "");
  try {
    await request("PATCH", `/chats/${chatId}/membership`, { level });
    button.hidden = true;
    put(answer, gettext("Saved."));
  } catch (error) {
    // By the form it can be tried again.
    button.hidden = false;
    put(answer, error instanceof Error ? error.message : "");
    throw error;
  }
  return level;
}
