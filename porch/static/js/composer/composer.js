/** Where one writes: keys, growth, focus, and what is too long. It can be lent for editing. */

import { byId, isTouch } from "../base/dom.js";
import { refusal, tidy } from "./limits.js";

/**
 * @typedef {object} Carried
 * @property {import("../base/types.js").More} more
 * @property {() => void} sent
 * @property {boolean} [alone] whether it needs no words
 * @property {() => boolean} [waits] asked when somebody sends: whether that has to wait for it
 */

export class Composer {
  /**
   * @param {{send: (content: string) => string | null, write: () => void, onInput: () => void, recall: () => void}} room `send` answers
   *   why it cannot; `write` is told of every letter, `onInput` of every change of what stands here but by sending it, `recall` of Up in an empty field
   */
  constructor(room) {
    this.room = room;
    /** @type {{send: (content: string) => string | null, aside: string} | null} who has the field meanwhile, and what was set aside */
    this.borrower = null;
    /** @type {Map<string, Carried>} what goes with the next message, by its sort */
    this.carried = new Map();
    this.form = byId("composer", HTMLFormElement);
    this.field = byId("content", HTMLTextAreaElement);
    this.problem = byId("content-error", HTMLParagraphElement);
    // Without these scripts an encrypted chat sends nothing.
    for (const button of this.form.querySelectorAll("button.door")) /** @type {HTMLButtonElement} */ (button).type = "submit";
    // The scripts say themselves why nothing is sent; an empty field needs no bubble from the browser.
    this.form.noValidate = true;
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => {
      this.grow();
      this.complain(null);
      if (this.borrower) return;
      room.onInput();
      if (this.field.value.trim() !== "") room.write();
    });
    // Pressing Send must not take the focus from the field: on a phone the keyboard would fold away.
    for (const button of this.form.querySelectorAll("button")) {
      for (const press of ["pointerdown", "mousedown"]) button.addEventListener(press, (event) => event.preventDefault());
    }
    this.grow();
  }

  /** On a desktop one opens a room to write; on a phone a keyboard would cover what one came to read. */
  focusOnOpening() {
    if (!isTouch()) this.field.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    // Safari ends a composition before the Enter that chose its result; keyCode 229 tells the two apart.
    if (event.isComposing || event.keyCode === 229) return;
    const always = event.ctrlKey || event.metaKey;
    const other = event.shiftKey || event.altKey;
    if (event.key === "ArrowUp" && !always && !other && this.field.value === "" && !this.borrower) {
      event.preventDefault();
      this.room.recall();
    }
    if (event.key !== "Enter" || (!always && (other || isTouch()))) return;
    event.preventDefault();
    this.send();
  }

  send() {
    const content = tidy(this.field.value);
    const { borrower } = this;
    const carried = borrower ? [] : [...this.carried.values()];
    if (this.field.readOnly || (content === "" && !borrower && !carried.some(({ alone }) => alone))) return;
    if (carried.some(({ waits }) => waits?.())) return;
    const reason = refusal(content) ?? (borrower ?? this.room).send(content);
    this.complain(reason);
    if (reason || borrower) return;
    this.content = "";
    for (const { sent } of carried) sent();
  }

  /** What is written here for the room and is not sent; while the field is lent, what was set aside. */
  get content() {
    return this.borrower ? this.borrower.aside : this.field.value;
  }

  set content(content) {
    if (this.borrower) this.borrower.aside = content;
    else this.put(content);
  }

  /** The field tells of it by `put`: `input` is what a person does. @param {string} text */
  put(text) {
    this.field.value = text;
    this.field.dispatchEvent(new Event("put"));
    this.grow();
  }

  /** Lends the field for another text, until `giveBack`. @param {(content: string) => string | null} send @param {string} text */
  lend(send, text) {
    this.borrower = { send, aside: this.content };
    this.put(text);
    this.complain(null);
  }

  giveBack() {
    const { content } = this;
    this.borrower = null;
    this.put(content);
    this.complain(null);
  }

  /** As tall as its text; the stylesheet sets the limit. Browsers with `field-sizing` do it by themselves. */
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  /** What the next message carries beside its text. @returns {import("../base/types.js").More} */
  get more() {
    return Object.assign({}, ...Array.from(this.carried.values(), ({ more }) => more));
  }

  /** While nothing can be sent from here, what stands in the field can still be read and copied. @param {boolean} can */
  allow(can) {
    this.field.readOnly = !can;
    for (const button of this.form.querySelectorAll("button")) button.disabled = !can;
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** @param {string | null} reason */
  complain(reason) {
    this.problem.hidden = reason === null;
    this.field.setAttribute("aria-invalid", String(reason !== null));
    const words = this.problem.querySelector("span");
    if (words) words.textContent = reason ?? "";
  }
}
