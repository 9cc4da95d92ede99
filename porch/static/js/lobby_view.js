/** Keeps the lobby's list like the rooms it is given. What somebody points at, or is at with the keyboard, stays where it is. */

import { held } from "./room_list.js";
import { RoomRow } from "./room_row.js";

/** @import { Clock } from "./time.js" */
/** @import { LobbyRow } from "./types.js" */

export class LobbyView {
  /**
   * @param {HTMLElement} list
   * @param {{clock: Clock, manage: (row: RoomRow) => void, settle: () => void}} lobby `settle`: the list is let go of, and may be put in order
   */
  constructor(list, lobby) {
    this.list = list;
    this.lobby = lobby;
    /** @type {Map<number, RoomRow>} by the room's id */
    this.drawn = new Map();
    this.pointed = false;
    /** Whether something was not shown as it should be, because the list was in use. */
    this.unsettled = false;
    list.addEventListener("pointerenter", () => { this.pointed = true; });
    list.addEventListener("pointerleave", () => { this.pointed = false; this.settle(); });
    list.addEventListener("focusout", () => setTimeout(() => this.settle()));
    list.addEventListener("toggle", () => this.settle(), true);
    addEventListener("scroll", () => this.settle(), { passive: true });
  }

  /** Whether somebody points at the list, moves in it, has a menu open, or has scrolled past its beginning. */
  get inUse() {
    const { list } = this;
    return this.pointed || list.contains(document.activeElement) || list.querySelector("details[open]") !== null || list.getBoundingClientRect().top < 0;
  }

  settle() {
    if (this.unsettled && !this.inUse) this.lobby.settle();
  }

  /**
   * @param {readonly LobbyRow[]} rooms in the order they should have
   * @param {{asked?: boolean}} [reader] `asked`: the reader wants this now, wherever they are
   */
  show(rooms, { asked = false } = {}) {
    const hold = this.inUse && !asked;
    const standing = Array.from(this.list.children, (line) => Number(line.id.slice("room-".length)));
    const wanted = hold ? held(standing, rooms) : rooms;
    const ids = new Set(rooms.map(({ id }) => id));
    this.unsettled = hold && (wanted.some(({ id }, index) => rooms[index].id !== id) || standing.some((id) => !ids.has(id)));
    for (const [id, row] of this.drawn) if (!ids.has(id)) this.drop(id, row, hold);
    let place = this.list.firstElementChild;
    for (const room of wanted) {
      const { line } = this.row(room);
      while (hold && place && !ids.has(Number(place.id.slice("room-".length)))) place = place.nextElementSibling;
      if (line === place) place = place.nextElementSibling;
      else this.list.insertBefore(line, place);
    }
  }

  /** @param {number} id @param {RoomRow} row @param {boolean} hold */
  drop(id, row, hold) {
    if (hold) return row.end();
    row.line.remove();
    this.drawn.delete(id);
  }

  /** @param {LobbyRow} room */
  row(room) {
    let row = this.drawn.get(room.id);
    if (row) row.show(room, Date.now());
    else this.drawn.set(room.id, row = new RoomRow(room, this.lobby, document.getElementById(`room-${room.id}`)));
    return row;
  }
}
