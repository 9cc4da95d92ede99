/** Offers names while one is typed behind the sign for it: a list above the field, with arrows, Enter or Tab, and Esc. Loaded late. */

import { asking } from "./completion.js";
import { element } from "../base/dom.js";
import { gettext, ngettext } from "../base/gettext.js";
import { begunName, candidates } from "./naming.js";

/** @import { request as ask } from "../base/api.js" */
/** @import { Composer } from "./composer.js" */
/** @import { Feed } from "../log/feed.js" */
/** @import { People } from "../chats/people.js" */
/** @import { Me, Somebody } from "../base/types.js" */

/**
 * @typedef {object} Hands
 * @property {Feed} feed
 * @property {Me} me
 * @property {Composer} composer
 * @property {People} people
 * @property {typeof ask} request
 * @property {(lines: string[]) => void} announce
 */

export class NamingView {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    this.field = hands.composer.field;
    this.list = element("ul", { class: "naming", id: "naming", role: "listbox", "aria-label": gettext("Whom do you call?"), hidden: "" });
    /** @type {Somebody[]} whom the server has found */
    this.members = [];
    this.chosen = 0;
    /** The place of a name for which the list was closed. */
    this.closedAt = -1;
    const path = `/chats/${hands.feed.chat.id}/members`;
    this.ask = asking({
      begun: () => this.begun?.begun.trim() ?? "",
      ask: async (q) => (await hands.request("GET", `${path}?limit=8&q=${q}`)).members,
      answer: (found) => { this.members = found.filter(({ username }) => username !== null); this.show(); },
    });
    const href = hands.composer.form.dataset.styles;
    if (href) document.head.append(element("link", { rel: "stylesheet", href }));
    hands.composer.form.before(this.list);
    const { field } = this;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.addEventListener("input", () => { this.chosen = 0; this.show(); this.ask(); });
    field.addEventListener("blur", () => this.close());
    // Before the composer, for which Enter sends and Up edits.
    field.addEventListener("keydown", (event) => this.key(event), true);
    // Pressing a name must not take the focus from the field.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = target instanceof Element ? target.closest("li") : null;
      if (option) this.take(option.textContent ?? "");
    });
    this.show();
    this.ask();
  }

  get begun() {
    return begunName(this.field.value, this.field.selectionStart);
  }

  get names() {
    const { begun } = this;
    if (!begun || begun.start === this.closedAt) return [];
    const { feed, me, people } = this.hands;
    return candidates(begun.begun, {
      messages: feed.messages, here: people.present?.present ?? [], members: this.members, everyone: feed.chat.may_manage === true, me: me.user_id,
    });
  }

  show() {
    if (!this.begun) this.closedAt = -1;
    const { names, list, field } = this;
    this.chosen = Math.min(this.chosen, Math.max(0, names.length - 1));
    const opens = list.hidden && names.length > 0;
    list.hidden = names.length === 0;
    list.replaceChildren(...names.map((name, index) => element("li", { role: "option", id: `naming-${index}`, "aria-selected": String(index === this.chosen) }, element("bdi", {}, name))));
    if (list.hidden) {
      field.removeAttribute("aria-activedescendant");
      field.removeAttribute("aria-controls");
      return;
    }
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-activedescendant", `naming-${this.chosen}`);
    if (opens) this.hands.announce([ngettext("One name. Arrows choose, Enter takes.", "%(num)s names. Arrows choose, Enter takes.", names.length)]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.list.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { names } = this;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.chosen = (this.chosen + step + names.length) % names.length;
      this.show();
      this.hands.announce([names[this.chosen]]);
    } else if (event.key === "Enter" || event.key === "Tab") this.take(names[this.chosen]);
    else if (event.key === "Escape") {
      this.closedAt = this.begun?.start ?? -1;
      this.show();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {string} name */
  take(name) {
    const { begun, field } = this;
    if (!begun) return;
    field.setRangeText(`@${name} `, begun.start, field.selectionStart, "end");
    this.closedAt = begun.start;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus({ preventScroll: true });
  }

  close() {
    this.closedAt = this.begun?.start ?? -1;
    this.show();
  }
}
