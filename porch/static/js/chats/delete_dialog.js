/** Asks before a room is deleted, and deletes it. `parts/delete_dialog.html` has the words. */

import { ApiError, request } from "../base/api.js";
import { byId } from "../base/dom.js";

/**
 * @param {{id: number, name: string}} room
 * @param {() => void} deleted
 */
export function askToDelete({ id, name }, deleted) {
  const dialog = byId("delete", HTMLDialogElement);
  const problem = /** @type {HTMLElement} */ (dialog.querySelector(".error"));
  const sure = /** @type {HTMLButtonElement} */ (dialog.querySelector("[value=delete]"));
  for (const place of dialog.querySelectorAll("bdi")) place.textContent = name;
  problem.hidden = true;
  sure.disabled = false;
  sure.onclick = async (event) => {
    event.preventDefault();
    sure.disabled = true;
    try {
      await request("DELETE", `/chats/${id}/`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Gone already, as from another page.
      if (error.status !== 404 && error.status !== 410) return complain(error.message);
    }
    dialog.close();
    deleted();
  };
  dialog.showModal();

  /** @param {string} words */
  function complain(words) {
    sure.disabled = false;
    problem.hidden = false;
    /** @type {HTMLElement} */ (problem.querySelector("span")).textContent = words;
  }
}
