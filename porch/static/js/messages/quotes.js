/** The messages that others answer, in a line over the answer; a press leads to them. */

import { shownName } from "../base/shown_name.js";
import { element } from "../base/dom.js";
import { excerpt } from "./excerpt.js";
import { filled } from "../base/filled.js";
import { gettext } from "../base/gettext.js";
import { gist } from "./gist.js";
import { plainText } from "./markdown.js";

/** @import { RichHands } from "./rich.js" */
/** @import { Message } from "../base/types.js" */

/** Requests at once: a page of answers to far messages asks for them one after another. */
const AT_ONCE = 4;

export class Quotes {
  /** @param {RichHands} hands */
  constructor({ feed, request, changed, go }) {
    this.feed = feed;
    this.request = request;
    this.changed = changed;
    this.go = go;
    /** @type {Set<number>} asked for, with or without success */
    this.asked = new Set();
    /** @type {number[]} */
    this.waiting = [];
    this.running = 0;
  }

  /** @param {number} seq */
  sign(seq) {
    const message = this.find(seq);
    return message ? ` ${seq}:${message.rev}${message.unopened ? "-" : ""}` : ` ${seq}`;
  }

  /** @param {number} seq @returns {HTMLElement} */
  draw(seq) {
    const quote = element("a", { class: "quote", href: `${this.feed.chat.url}messages/${seq}/` });
    // L10n: what follows is "an earlier message", or a name and what was said
    const said = filled(gettext("In reply to %(message)s"), { message: this.words(this.find(seq)) });
    // What stands around it is read aloud, and not shown.
    quote.append(...said.map((part) => typeof part === "string" ? element("span", { class: "hide" }, part) : part));
    quote.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.go(seq);
    });
    return quote;
  }

  /** @param {Message | undefined} message @returns {Node[]} */
  words(message) {
    if (!message) return [new Text(gettext("an earlier message"))];
    if (message.deleted) return [element("i", {}, gettext("a message that was taken back"))];
    return [element("b", {}, element("bdi", {}, shownName(message.username))), new Text(" "), element("bdi", {}, excerpt(plainText(gist(message))))];
  }

  /** As the page knows it; what it does not know is fetched, and stands there when it has come. @param {number} seq */
  find(seq) {
    const message = this.feed.at(seq);
    if (message) {
      // It may leave the window while its answer stays.
      this.feed.keep(message);
    } else if (!this.asked.has(seq)) {
      this.asked.add(seq);
      this.waiting.push(seq);
      this.fetch();
    }
    return message;
  }

  fetch() {
    if (this.running >= AT_ONCE) return;
    const seq = this.waiting.shift();
    if (seq === undefined) return;
    this.running += 1;
    this.request("GET", `/chats/${this.feed.chat.id}/messages/${seq}`).then((message) => {
      this.feed.keep(message);
      this.changed();
    }, () => {
      // It stays "an earlier message"; the link leads there all the same.
    }).finally(() => {
      this.running -= 1;
      this.fetch();
    });
  }
}
