/** What somebody who decides about the room can do without leaving its page: give it another name, and delete it. */

import { askToDelete } from "./chats/delete_dialog.js";
import { byId } from "./base/dom.js";
import { setUpRename } from "./chats/rename_form.js";

/** @import { RoomData } from "./base/types.js" */

/** @type {RoomData} */
const { chat } = JSON.parse(byId("room-data", HTMLScriptElement).textContent ?? "");
const title = /** @type {HTMLElement} */ (document.querySelector(".head h1"));
const name = /** @type {HTMLElement} */ (title.querySelector("bdi"));
const form = byId("rename", HTMLFormElement);
const field = /** @type {HTMLInputElement} */ (form.querySelector("input"));
const opener = byId("rename-room", HTMLButtonElement);

opener.hidden = false;
opener.addEventListener("click", () => {
  field.value = name.textContent ?? "";
  edit(true);
  field.select();
});
setUpRename(form, { id: () => chat.id, saved: (chat) => { name.textContent = chat.name; edit(false); }, left: () => edit(false) });
document.querySelector("[data-delete]")?.addEventListener("click", (event) => {
  event.preventDefault();
  // The server says at this address what has happened.
  askToDelete({ id: chat.id, name: name.textContent ?? "" }, () => location.replace(location.pathname));
});

/** @param {boolean} now */
function edit(now) {
  // Out of sight only: it stays the heading of the page.
  title.classList.toggle("hide", now);
  form.hidden = !now;
  if (!now) opener.focus();
}
