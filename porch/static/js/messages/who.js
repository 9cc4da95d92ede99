/** A small sheet over a reaction that says who reacted: for whoever points at it, is at it by keyboard, or keeps a finger on it. */

import { element } from "../base/dom.js";

/** How long a finger rests, or a pointer, until it asks. */
const REST = 450;
const POINTED = 250;
const ID = "who-reacted";

export class Who {
  /** @param {(seq: number, emoji: string) => Promise<string>} ask */
  constructor(ask) {
    this.ask = ask;
    this.sheet = element("div", { id: ID, class: "reactors", role: "tooltip", hidden: "" });
    /** @type {HTMLElement | null} */
    this.chip = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** Whether the press that ends now was one to ask, and none to react. */
    this.held = false;
    document.querySelector("main")?.append(this.sheet);
    this.sheet.addEventListener("pointerleave", () => this.hide());
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.hide(); });
    document.addEventListener("scroll", () => this.hide(), { capture: true, passive: true });
    document.addEventListener("pointerdown", ({ target }) => { if (target instanceof Node && !this.chip?.contains(target)) this.hide(); });
  }

  /** @param {HTMLElement} chip @param {number} seq @param {string} emoji */
  watch(chip, seq, emoji) {
    /** @param {number} delay @param {boolean} [held] */
    const soon = (delay, held = false) => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.held = held; void this.show(chip, seq, emoji); }, delay);
    };
    chip.addEventListener("pointerenter", ({ pointerType }) => { if (pointerType === "mouse") soon(POINTED); });
    chip.addEventListener("pointerleave", ({ relatedTarget }) => { if (relatedTarget !== this.sheet) this.hide(); });
    chip.addEventListener("focus", () => { if (chip.matches(":focus-visible")) soon(0); });
    chip.addEventListener("blur", () => this.hide());
    chip.addEventListener("pointerdown", ({ pointerType }) => { this.held = false; if (pointerType !== "mouse") soon(REST, true); });
    chip.addEventListener("pointerup", () => clearTimeout(this.timer));
    chip.addEventListener("contextmenu", (event) => { if (this.held) event.preventDefault(); });
  }

  /** @param {HTMLElement} chip @param {number} seq @param {string} emoji */
  async show(chip, seq, emoji) {
    this.chip?.removeAttribute("aria-describedby");
    this.chip = chip;
    const words = await this.ask(seq, emoji);
    if (this.chip !== chip || !chip.isConnected || words === "") return;
    this.sheet.replaceChildren(element("bdi", {}, words));
    this.sheet.hidden = false;
    chip.setAttribute("aria-describedby", ID);
    const { top, bottom, left } = chip.getBoundingClientRect();
    const { offsetHeight, offsetWidth, style } = this.sheet;
    const above = top - offsetHeight - 2;
    style.setProperty("--x", `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`);
    style.setProperty("--y", `${above > 0 ? above : bottom + 2}px`);
  }

  hide() {
    clearTimeout(this.timer);
    this.chip?.removeAttribute("aria-describedby");
    this.chip = null;
    this.sheet.hidden = true;
  }
}
