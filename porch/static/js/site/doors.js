/**
 * The doors of the interests. Without this file they open while pointed at or focused, by style alone; with it
 * they also open by tap, close by Escape, and tell a reader whether they are open.
 */

class Door {
  /** @param {HTMLElement} doorway */
  constructor(doorway) {
    this.doorway = doorway;
    this.leaf = /** @type {HTMLButtonElement} */ (doorway.querySelector("button"));
    this.pointedAt = false;
    this.focused = false;
    this.pinned = false; // by tap or key, until the next one
    this.dismissed = false; // by Escape or key, until pointer and focus have left
  }

  get isOpen() {
    return this.pinned || ((this.pointedAt || this.focused) && !this.dismissed);
  }

  show() {
    if (!this.pointedAt && !this.focused) this.dismissed = false;
    this.leaf.setAttribute("aria-expanded", String(this.isOpen));
  }

  close() {
    this.pinned = false;
    this.dismissed = true;
    this.show();
  }

  /** One that was opened like this before is closed: behind each is a single thought. */
  open() {
    for (const other of doors) if (other.pinned) other.close();
    this.pinned = true;
    this.dismissed = false;
  }

  listen() {
    const { doorway } = this;
    doorway.addEventListener("pointerenter", (event) => this.point(event.pointerType === "mouse"));
    doorway.addEventListener("pointerleave", () => this.point(false));
    doorway.addEventListener("focusin", (event) => this.focus(event.target instanceof Element && event.target.matches(":focus-visible")));
    doorway.addEventListener("focusout", () => this.focus(false));
    doorway.addEventListener("click", (event) => this.click(event));
  }

  /** @param {boolean} now */
  point(now) {
    this.pointedAt = now;
    this.show();
  }

  /** @param {boolean} now */
  focus(now) {
    this.focused = now;
    this.show();
  }

  /** @param {MouseEvent} event */
  click(event) {
    if (event.target instanceof Element && event.target.closest("a")) return;
    // A mouse opens by pointing. Its click opens again what Escape has closed, and lets words be selected.
    const byMouse = this.pointedAt && event.detail > 0;
    if (byMouse) this.dismissed = false;
    else if (this.isOpen) this.close();
    else this.open();
    this.show();
  }
}

/** @type {Door[]} */
const doors = [];

export function setUpDoors() {
  for (const doorway of document.querySelectorAll(".doorway")) {
    if (doorway instanceof HTMLElement) doors.push(new Door(doorway));
  }
  for (const door of doors) door.listen();
  for (const row of document.querySelectorAll(".doors")) row.setAttribute("data-live", "");
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const door of doors) if (door.isOpen) door.close();
  });
}
