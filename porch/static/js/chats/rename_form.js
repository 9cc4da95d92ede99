/** A form with a room's new name: Enter saves it, Esc leaves it as it was, and what is wrong is said at the field. */

import { ApiError, request } from "../base/api.js";

/** @import { Chat } from "../base/types.js" */

/**
 * @param {HTMLFormElement} form with one field, as `parts/field.html` writes it
 * @param {{id: () => number, saved: (chat: Chat) => void, left: () => void}} room `left`: without a new name
 */
export function setUpRename(form, { id, saved, left }) {
  const field = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  form.noValidate = true;
  form.addEventListener("submit", (event) => { event.preventDefault(); void save(); });
  form.addEventListener("input", () => complain(""));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    complain("");
    left();
  });

  async function save() {
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    try {
      saved(await request("PATCH", `/chats/${id()}/`, { name: field.value }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      complain(error.fields.name ?? error.message);
      field.focus();
    } finally {
      form.ariaBusy = "false";
    }
  }

  /** @param {string} problem */
  function complain(problem) {
    const line = /** @type {HTMLElement} */ (form.querySelector(".error"));
    line.hidden = problem === "";
    field.setAttribute("aria-invalid", String(problem !== ""));
    const words = line.querySelector("span");
    if (words) words.textContent = problem;
  }
}
