/** The lobby's menus: one open at a time, closed by Esc and by pressing elsewhere; renaming and deleting without leaving the page. */

import { askToDelete } from "./delete_dialog.js";
import { setUpRename } from "./rename_form.js";

/** @import { RoomRow } from "./room_row.js" */
/** @import { Chat } from "../base/types.js" */

/** @param {RoomRow} row @param {{renamed: (chat: Chat) => void, deleted: (row: RoomRow) => void}} lobby */
export function setUpMenu(row, { renamed, deleted }) {
  const { menu } = row;
  const form = menu?.querySelector("form");
  const field = menu?.querySelector("input");
  if (!menu || !form || !field) return;
  const close = () => {
    menu.open = false;
    field.value = row.room.name;
    menu.querySelector("summary")?.focus();
  };
  menu.addEventListener("keydown", (event) => { if (event.key === "Escape" && menu.open) close(); });
  menu.addEventListener("toggle", () => { if (menu.open && !matchMedia("(pointer: coarse)").matches) field.select(); });
  setUpRename(form, { id: () => row.room.id, saved: (chat) => { renamed(chat); close(); }, left: close });
  menu.querySelector("[data-delete]")?.addEventListener("click", (event) => {
    event.preventDefault();
    menu.open = false;
    askToDelete(row.room, () => deleted(row));
  });
}

/** @param {HTMLElement} list */
export function closeOthers(list) {
  document.addEventListener("pointerdown", (event) => {
    for (const menu of list.querySelectorAll("details")) {
      if (menu.open && !(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    }
  });
}
