/** Shows who can read a direct chat: under its title, above its log and in its panel. */

import { Contacts } from "../keys/contacts.js";
import { button, element, put, way } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { CHOICES, sealExplained, sealNotice, sealOf } from "./seal_notice.js";

/** @import { DirectLine } from "./direct_line.js" */
/** @import { Choice } from "./seal_notice.js" */

export class SealView {
  /**
   * @param {DirectLine} line
   * @param {{name: string, verify: string}} chat `verify` is where keys are compared
   */
  constructor(line, { name, verify }) {
    this.line = line;
    this.name = name;
    this.verify = verify;
    /** What is shown, so that nothing is said twice. */
    this.shown = "";
    line.changed = () => this.show();
  }

  get contact() {
    return this.line.two.peer.contact;
  }

  show() {
    const { line, name, contact } = this;
    const seal = { way: line.way, contact, name, isStrange: line.isStrange, withGuest: line.withGuest, hasLeft: line.peerHasLeft };
    this.showSign(seal);
    const notice = sealNotice(seal);
    const place = document.getElementById("seal-notice");
    const shown = JSON.stringify(notice);
    if (!place || shown === this.shown) return;
    this.shown = shown;
    place.hidden = notice === null;
    place.replaceChildren(...notice ? [
      element("p", {}, ...notice.words.map((part) => typeof part === "string" ? part : element("b", {}, element("bdi", {}, part.name)))),
      element("div", { class: "go" }, ...notice.choices.map((choice) => this.choice(choice))),
    ] : []);
  }

  /** @param {import("./seal_notice.js").Seal} seal */
  showSign(seal) {
    const sign = sealOf(seal);
    const place = document.getElementById("seal");
    if (!sign || !place) return;
    place.className = `seal ${sign.kind}`;
    const compares = sign.kind === "locked" || sign.kind === "verified";
    const words = compares ? element("a", { href: this.verify, title: CHOICES.verify }, sign.words) : element("span", {}, sign.words);
    if (place.firstElementChild?.outerHTML !== words.outerHTML) place.replaceChildren(words);
    put(document.getElementById("seal-explained"), sealExplained(seal));
  }

  /** @param {Choice} choice */
  choice(choice) {
    if (choice === "verify") return way(CHOICES.verify, this.verify);
    if (choice === "account") return way(CHOICES.account, "/account/#keys");
    const press = button(CHOICES[choice], () => void this.take(choice));
    if (choice === "accept") press.classList.add("risk");
    return press;
  }

  /** @param {Choice} choice */
  async take(choice) {
    const { contact, line } = this;
    if (choice === "reload") location.reload();
    if (!line.kept || !contact) return;
    const contacts = new Contacts(line.kept, line.userId);
    if (choice === "told") await contacts.told(contact.user);
    if (choice === "accept" && contact.changed) await contacts.accept(contact.user, contact.changed);
    await line.lookAgain();
  }
}

/** A line before the first sealed message, where something readable stands before it. @param {HTMLElement} list @param {DirectLine} line */
export function markBeginning(list, line) {
  const words = gettext("Encrypted from here on");
  const mark = () => {
    const first = line.hasOlder ? [...list.querySelectorAll("li.msg[id]")].find(({ id }) => Number(id.slice(1)) >= line.since) : undefined;
    for (const old of list.querySelectorAll("li[data-sealed]")) if (old !== first) old.removeAttribute("data-sealed");
    if (first?.getAttribute("data-sealed") !== words) first?.setAttribute("data-sealed", words);
  };
  new MutationObserver(mark).observe(list, { childList: true });
  mark();
}
