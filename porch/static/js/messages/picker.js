/** All emoji that one may want under a message: in groups, by name, or from one's own keyboard. Loaded when it is first opened. */

import { element } from "../base/dom.js";
import { found } from "./emoji_search.js";
import { gettext } from "../base/gettext.js";

export class Picker {
  constructor() {
    this.field = element("input", { class: "input", type: "search", autocomplete: "off", enterkeyhint: "done", "aria-label": gettext("Find an emoji by name, or type one"), placeholder: gettext("Find by name, or type one") });
    this.grid = element("div", { class: "grid" });
    this.nothing = element("p", { class: "small soft", role: "status" });
    const close = element("button", { type: "button", class: "btn little quiet" }, gettext("Close"));
    this.dialog = element("dialog", { class: "sheet picker", "aria-label": gettext("React with an emoji") }, element("div", { class: "find" }, this.field, close), this.nothing, this.grid);
    /** @type {(emoji: string) => void} */
    this.chosen = () => {};
    /** @type {() => void} where the focus goes */
    this.closed = () => {};
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("close", () => this.closed());
    this.field.addEventListener("input", () => this.show());
    this.field.addEventListener("keydown", (event) => this.enter(event));
    this.grid.addEventListener("click", ({ target }) => { if (target instanceof Element) this.choose(target.closest("button")); });
    this.grid.addEventListener("keydown", (event) => this.key(event));
    document.body.append(this.dialog);
  }

  /** @param {{chosen: (emoji: string) => void, closed: () => void}} message */
  open({ chosen, closed }) {
    this.chosen = chosen;
    this.closed = closed;
    this.field.value = "";
    this.show();
    this.dialog.showModal();
    this.grid.scrollTop = 0;
  }

  show() {
    const groups = found(this.field.value);
    this.nothing.textContent = groups.length > 0 ? "" : gettext("There is no such emoji in the list. Type or paste the emoji itself.");
    this.grid.replaceChildren(...groups.flatMap(({ name, emoji }) => [
      element("h3", { class: "small soft" }, name),
      element("div", { class: "emojis", role: "group", "aria-label": name }, ...emoji.map((one) => (
        element("button", { type: "button", tabindex: "-1", "aria-label": one.name, title: one.name, "data-emoji": one.emoji }, element("span", { class: "emoji" }, one.emoji))
      ))),
    ]));
    // One stop of the Tab key; arrows go on from there.
    this.buttons[0]?.removeAttribute("tabindex");
  }

  get buttons() {
    return Array.from(this.grid.querySelectorAll("button"));
  }

  /** @param {HTMLElement | null} button */
  choose(button) {
    const emoji = button?.dataset.emoji;
    if (!emoji) return;
    this.dialog.close();
    this.chosen(emoji);
  }

  /** @param {KeyboardEvent} event */
  enter(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") this.go(event, this.buttons[0]);
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.choose(this.buttons[0] ?? null);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { buttons } = this;
    const place = buttons.findIndex((button) => button === document.activeElement);
    if (place < 0) return;
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: buttons.length - 1, ArrowDown: below(buttons, place, 1), ArrowUp: below(buttons, place, -1) }[event.key];
    if (next === undefined) return;
    this.go(event, buttons[next] ?? (next < 0 ? this.field : buttons[place]));
  }

  /** @param {Event} event @param {HTMLElement | undefined} to */
  go(event, to) {
    event.preventDefault();
    if (!to) return;
    for (const button of this.buttons) button.tabIndex = -1;
    if (to !== this.field) to.tabIndex = 0;
    to.focus();
  }
}

/**
 * The one that stands next above or below, by what is seen: groups end anywhere in a row. -1 above the first row.
 * @param {HTMLElement[]} buttons @param {number} place @param {1 | -1} step
 */
function below(buttons, place, step) {
  const { offsetLeft, offsetTop } = buttons[place];
  let at = place;
  while (buttons[at] && buttons[at].offsetTop === offsetTop) at += step;
  const row = buttons[at]?.offsetTop;
  if (row === undefined) return step < 0 ? -1 : place;
  let nearest = at;
  for (; buttons[at]?.offsetTop === row; at += step) if (Math.abs(buttons[at].offsetLeft - offsetLeft) < Math.abs(buttons[nearest].offsetLeft - offsetLeft)) nearest = at;
  return nearest;
}
