/** Where one writes: keys, growth, focus, and what is too long. */

import { byId, isTouch } from "./dom.js";
import { refusal, tidy } from "./limits.js";

export class Composer {
  /** @param {{send: (content: string) => void, write: () => void}} room `write` is told of every letter */
  constructor(room) {
    this.room = room;
    this.form = byId("composer", HTMLFormElement);
    this.field = byId("content", HTMLTextAreaElement);
    this.problem = byId("content-error", HTMLParagraphElement);
    // The scripts say themselves why nothing is sent; an empty field needs no bubble from the browser.
    this.form.noValidate = true;
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => {
      this.grow();
      this.complain(null);
      if (this.field.value.trim() !== "") room.write();
    });
    // Pressing Send must not take the focus from the field: on a phone the keyboard would fold away.
    this.form.querySelector("button")?.addEventListener("pointerdown", (event) => event.preventDefault());
    this.form.querySelector("button")?.addEventListener("mousedown", (event) => event.preventDefault());
    this.grow();
  }

  /** On a desktop one opens a room to write; on a phone a keyboard would cover what one came to read. */
  focusOnOpening() {
    if (!isTouch()) this.field.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    // Safari ends a composition before the Enter that chose its result; keyCode 229 tells the two apart.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    const always = event.ctrlKey || event.metaKey;
    if (!always && (event.shiftKey || event.altKey || isTouch())) return;
    event.preventDefault();
    this.send();
  }

  send() {
    const content = tidy(this.field.value);
    if (content === "" || this.field.readOnly) return;
    const reason = refusal(content);
    this.complain(reason);
    if (reason) return;
    this.field.value = "";
    this.grow();
    this.room.send(content);
  }

  /** As tall as its text; the stylesheet sets the limit. Browsers with `field-sizing` do it by themselves. */
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
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
