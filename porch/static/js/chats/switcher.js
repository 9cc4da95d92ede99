/** The dialog of Ctrl+K: type a few letters of a room or a person, and Enter goes there. Loaded with the first press. */

import { ApiError, get } from "../base/api.js";
import { element } from "../base/dom.js";
import { filled } from "../base/filled.js";
import { goalsOf, offered } from "./finding.js";
import { gettext, ngettext } from "../base/gettext.js";
import { styled } from "../base/late_style.js";

/** @import { Goal } from "./finding.js" */
/** @import { LobbyRow, Somebody } from "../base/types.js" */

/** Milliseconds without a letter before the server is asked. */
const PAUSE = 200;

/** @type {Promise<void> | undefined} */
let style;

/** @param {string} href of its style sheet */
export async function openSwitcher(href) {
  await (style ??= styled(href));
  if (!document.querySelector("dialog.find")) new Switcher().open();
}

class Switcher {
  constructor() {
    /** @type {Goal[]} */
    this.goals = [];
    /** @type {Somebody[]} */
    this.people = [];
    /** @type {Goal[]} what is shown */
    this.shown = [];
    this.at = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.field = element("input", {
      class: "input", type: "text", role: "combobox", maxlength: "200", placeholder: gettext("Room, person, or words"), autocomplete: "off", spellcheck: "false",
      dir: "auto", enterkeyhint: "go", "aria-label": gettext("Where to?"), "aria-expanded": "true", "aria-controls": "goals", "aria-autocomplete": "list",
    });
    this.list = element("ul", { id: "goals", role: "listbox", "aria-label": gettext("Where to") });
    this.status = element("p", { class: "small soft", role: "status" }, gettext("Looking …"));
    const close = element("button", { class: "btn quiet little", value: "close" }, gettext("Close"));
    this.dialog = element("dialog", { class: "sheet find", "aria-label": gettext("Go to") },
      element("form", { method: "dialog", class: "ahead" }, this.field, close), this.list, this.status);
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.click(event));
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("close", () => { clearTimeout(this.timer); this.dialog.remove(); });
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.field.focus();
    void this.load();
  }

  async load() {
    await this.ask(async () => {
      const [{ chats }, { directs }] = await Promise.all([get("/chats?limit=200"), get("/directs?limit=200")]);
      this.goals = goalsOf(chats, directs, location.pathname);
    });
  }

  typed() {
    this.at = 0;
    this.show();
    clearTimeout(this.timer);
    const { sought } = this;
    if (sought === "") return;
    this.timer = setTimeout(() => void this.ask(async () => {
      const part = encodeURIComponent([...sought].slice(0, 32).join(""));
      const [{ users }, { chats }] = await Promise.all([get(`/users?q=${part}`), get(`/chats?limit=50&q=${part}`)]);
      if (this.sought !== sought) return;
      this.people = users;
      this.add(chats);
    }), PAUSE);
  }

  /** Rooms that the first answer had no place for. @param {LobbyRow[]} chats */
  add(chats) {
    const known = new Set(this.goals.map(({ id }) => id));
    this.goals.push(...goalsOf(chats, [], location.pathname).filter(({ id }) => !known.has(id)));
  }

  /** @param {() => Promise<void>} what */
  async ask(what) {
    try {
      await what();
      this.show();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // What is known can be gone to all the same.
      this.status.textContent = error.message;
    }
  }

  get sought() {
    return this.field.value.trim();
  }

  show() {
    this.shown = offered(this.goals, this.people, this.field.value);
    this.list.replaceChildren(...this.shown.map((goal, place) => this.line(goal, place)));
    this.status.textContent = this.shown.length === 0 ? gettext("You are in no other room yet. Type a name.")
      : this.sought === "" ? "" : gettext("Encrypted conversations are searched inside themselves: by “Find”, beside the conversation.");
    this.choose(Math.min(this.at, this.shown.length - 1));
  }

  /** @param {Goal} goal @param {number} place */
  line({ name, about, unread }, place) {
    const line = element("li", { role: "option", id: `goal-${place}`, "aria-selected": "false" },
      element("span", { class: "clip" }, element("bdi", {}, name)), element("span", { class: "small soft" }, about));
    if (unread > 0) {
      const count = filled(ngettext("%(count)s unread", "%(count)s unread", unread), { count: new Text(String(unread)) });
      // The words are read aloud, and not shown.
      line.append(element("span", { class: "count" }, ...count.map((part) => typeof part === "string" ? element("span", { class: "hide" }, part) : part)));
    }
    return line;
  }

  /** @param {number} place */
  choose(place) {
    this.at = Math.max(0, place);
    for (const [index, line] of Array.from(this.list.children).entries()) line.setAttribute("aria-selected", String(index === this.at));
    const line = this.list.children[this.at];
    if (line) this.field.setAttribute("aria-activedescendant", line.id);
    else this.field.removeAttribute("aria-activedescendant");
    line?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing) return;
    const count = this.shown.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") {
      event.preventDefault();
      this.go(this.shown[this.at]);
    } else if (step !== undefined && count > 0) {
      event.preventDefault();
      this.choose((this.at + step + count) % count);
    }
  }

  /** @param {Event} event */
  click({ target }) {
    const line = target instanceof Element ? target.closest("li") : null;
    if (line) this.go(this.shown[Array.from(this.list.children).indexOf(line)]);
  }

  /** @param {Goal | undefined} goal */
  go(goal) {
    if (!goal) return;
    this.dialog.close();
    location.assign(goal.url);
  }
}
