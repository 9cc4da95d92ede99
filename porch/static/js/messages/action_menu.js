/** The menu of one message: beside its button, or at the foot of a phone. Esc and pressing elsewhere close it. */

import { element } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { gettext } from "../base/gettext.js";

/** @typedef {{drawing: string, words: string, risky?: boolean, stays?: boolean, choose: () => unknown}} Choice `stays`: the menu does, and answers */

/** How long it is said that a link was copied. */
const SHOWN = 1100;

export class ActionMenu {
  constructor() {
    this.list = element("div", { role: "menu" });
    this.about = element("p", { class: "small soft" });
    this.source = element("code", { hidden: "" });
    this.dialog = element("dialog", { class: "sheet acts" }, this.about, this.list, this.source);
    /** @type {(() => void) | null} where the focus goes when it closes */
    this.closed = null;
    /** @type {HTMLElement | null} */
    this.button = null;
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("close", () => this.end());
    // Most often a phone's keyboard goes, from where somebody was writing.
    addEventListener("resize", () => this.place());
    document.body.append(this.dialog);
  }

  /** @param {{button: HTMLElement, about: string, above: HTMLElement, choices: Choice[], closed: () => void}} message `above`: a row of items before the others */
  open({ button, about, above, choices, closed }) {
    if (this.dialog.open) return;
    this.button = button;
    this.closed = closed;
    this.about.textContent = about;
    this.source.hidden = true;
    this.dialog.setAttribute("aria-label", about);
    this.list.setAttribute("aria-label", about);
    this.list.replaceChildren(above, ...choices.map((choice) => this.item(choice)));
    button.setAttribute("aria-expanded", "true");
    this.dialog.showModal();
    this.place();
    this.items[0].focus();
  }

  get items() {
    return /** @type {HTMLElement[]} */ (Array.from(this.list.querySelectorAll("[role^=menuitem]")));
  }

  /** The first of each line: of those that stand in a row the one that the focus is on, if it is. */
  get lines() {
    return this.items.filter((item) => {
      const row = item.closest("[role=group]");
      return !row || (row.contains(document.activeElement) ? item === document.activeElement : item === row.firstElementChild);
    });
  }

  /** Closes; what goes on elsewhere takes the focus with it. */
  leave() {
    this.closed = null;
    this.dialog.close();
  }

  /** @param {Choice} choice */
  item({ drawing: name, words, risky, stays, choose }) {
    const sort = `${risky ? "risk" : ""}${stays ? " stays" : ""}`;
    const item = element("button", { type: "button", role: "menuitem", class: sort }, drawing(name), element("span", { "aria-live": "polite" }, words));
    item.addEventListener("click", () => {
      if (!stays) this.leave();
      choose();
    });
    return item;
  }

  /** Under its button, or above where there is no room. A phone's style sheet knows better. */
  place() {
    if (!this.dialog.open || !this.button) return;
    const { top, bottom, right } = this.button.getBoundingClientRect();
    const { style, offsetHeight, offsetWidth } = this.dialog;
    const above = bottom + offsetHeight + 12 > innerHeight;
    style.setProperty("--x", `${Math.max(8, right - offsetWidth)}px`);
    style.setProperty("--y", `${Math.max(8, above ? top - offsetHeight - 4 : bottom + 4)}px`);
  }

  /** The text to copy, where it can be selected. @param {string} text */
  show(text) {
    this.source.textContent = text;
    this.source.hidden = false;
    return this.source;
  }

  /** @param {boolean} copied */
  answer(copied) {
    const item = this.list.querySelector(".stays");
    const words = item?.querySelector("span");
    if (!words) return;
    words.textContent = copied ? gettext("Link copied") : gettext("Press Ctrl+C to copy");
    if (!copied) return;
    this.source.hidden = true;
    item?.querySelector("svg")?.replaceWith(drawing("check"));
    const { closed } = this;
    setTimeout(() => { if (this.closed === closed) this.dialog.close(); }, SHOWN);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { activeElement } = document;
    const along = event.key === "ArrowLeft" || event.key === "ArrowRight";
    const row = along ? Array.from(activeElement?.closest("[role=group]")?.children ?? []) : this.lines;
    const place = row.findIndex((item) => item === activeElement);
    const next = { ArrowDown: place + 1, ArrowRight: place + 1, ArrowUp: place - 1, ArrowLeft: place - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") this.dialog.close();
    if (next === undefined && event.key !== "Tab") return;
    event.preventDefault();
    if (next !== undefined) /** @type {HTMLElement | undefined} */ (row.at(next % row.length))?.focus();
  }

  end() {
    this.button?.removeAttribute("aria-expanded");
    this.closed?.();
    this.closed = null;
  }
}
