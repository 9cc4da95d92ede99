/** Keeps a list of the lobby like the chats it is given. What somebody points at, or is at with the keyboard, stays where it is. */

import { held } from "./room_list.js";

/**
 * @template T
 * @typedef {{line: HTMLElement, show: (chat: T, now: number) => void, end: () => void}} Row
 */

/** @template {{id: number}} T */
export class ListView {
  /**
   * @param {HTMLElement} list
   * @param {object} page
   * @param {string} page.name of a line's id, before its number
   * @param {(chat: T, written: Element | null) => Row<T>} page.draw `written` by the server, if it did
   * @param {() => void} page.settle the list is let go of, and may be put in order
   */
  constructor(list, { name, draw, settle }) {
    this.list = list;
    this.name = name;
    this.draw = draw;
    this.letGo = settle;
    /** @type {Map<number, Row<T>>} by the chat's id */
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
    if (this.unsettled && !this.inUse) this.letGo();
  }

  /**
   * @param {readonly T[]} rooms in the order they should have
   * @param {{asked?: boolean}} [reader] `asked`: the reader wants this now, wherever they are
   */
  show(rooms, { asked = false } = {}) {
    const hold = this.inUse && !asked;
    const standing = Array.from(this.list.children, (line) => this.number(line));
    const wanted = hold ? held(standing, rooms) : rooms;
    const ids = new Set(rooms.map(({ id }) => id));
    this.unsettled = hold && (wanted.some(({ id }, index) => rooms[index].id !== id) || standing.some((id) => !ids.has(id)));
    for (const [id, row] of this.drawn) if (!ids.has(id)) this.drop(id, row, hold);
    let place = this.list.firstElementChild;
    for (const room of wanted) {
      const { line } = this.row(room);
      while (hold && place && !ids.has(this.number(place))) place = place.nextElementSibling;
      if (line === place) place = place.nextElementSibling;
      else this.list.insertBefore(line, place);
    }
  }

  /** @param {Element} line */
  number({ id }) {
    return Number(id.slice(this.name.length + 1));
  }

  /** @param {number} id @param {Row<T>} row @param {boolean} hold */
  drop(id, row, hold) {
    if (hold) return row.end();
    row.line.remove();
    this.drawn.delete(id);
  }

  /** @param {T} chat */
  row(chat) {
    let row = this.drawn.get(chat.id);
    if (row) row.show(chat, Date.now());
    else this.drawn.set(chat.id, row = this.draw(chat, document.getElementById(`${this.name}-${chat.id}`)));
    return row;
  }
}
