/** Shows who is in the room: a line under its name, the list in the panel, and the line about who is writing. */

import { byId, element } from "../base/dom.js";
import { gettext, ngettext } from "../base/gettext.js";
import { plate } from "../base/plate_view.js";

/** @import { People, Sentence } from "./people.js" */
/** @import { Me, Present } from "../base/types.js" */

export class PeopleView {
  /** @param {People} people */
  constructor(people) {
    this.people = people;
    this.line = byId("here", HTMLElement);
    this.lamp = /** @type {HTMLElement} */ (this.line.previousElementSibling);
    this.list = byId("people", HTMLElement);
    this.section = /** @type {HTMLElement} */ (this.list.parentElement);
    this.more = byId("more-people", HTMLElement);
    this.writing = byId("writing", HTMLElement);
    /** What the list was drawn from. */
    this.drawn = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** The reader is not in the room any more, so this page does not know. */
  clear() {
    this.people.present = null;
    this.people.writing.clear();
    this.show();
    put(this.line, [gettext("You are not here")]);
    this.lamp.classList.remove("on");
    this.section.hidden = true;
  }

  show() {
    const { people } = this;
    if (people.present) this.showPresent(people.present);
    const now = Date.now();
    put(this.writing.querySelector("span"), people.writingNow(now));
    this.writing.classList.toggle("on", people.writing.size > 0);
    clearTimeout(this.timer);
    const pause = people.quietIn(now);
    if (pause !== null) this.timer = setTimeout(() => this.show(), pause + 10);
  }

  /** @param {Present} present */
  showPresent({ present, count }) {
    put(this.line, this.people.hereNow());
    this.lamp.classList.toggle("on", this.people.lit);
    this.section.hidden = false;
    const sign = JSON.stringify([present, this.people.me]);
    if (sign !== this.drawn) this.list.replaceChildren(...present.map((person) => line(person, person.user_id === this.people.me.user_id)));
    this.drawn = sign;
    const rest = count - present.length;
    this.more.hidden = rest <= 0;
    this.more.textContent = ngettext("and %(num)s more", "and %(num)s more", rest);
  }
}

/** As `parts/person.html` writes it. @param {Me} person @param {boolean} own */
function line(person, own) {
  const marks = [...(own ? [gettext("you")] : []), ...(person.guest ? [gettext("guest")] : [])];
  return element("li", { class: "person" },
    element("span", { class: "pic" }, plate(person), element("span", { class: "lamp on" })),
    element("span", { class: "grow" }, name(person, own), " ", element("span", { class: "small soft" }, marks.join(", "))));
}

/** To talk with somebody in private, press their name. @param {Me} person @param {boolean} own */
function name({ user_id, username }, own) {
  const words = element("bdi", {}, username);
  return element("b", {}, own ? words : element("a", { href: `/direct/?to=${user_id}` }, words));
}

/** @param {Element | null} where @param {Sentence} sentence */
function put(where, sentence) {
  where?.replaceChildren(...sentence.map((part) => typeof part === "string" ? part : element("bdi", {}, part.name)));
}
