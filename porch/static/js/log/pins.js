/** The section of the room's panel with what is pinned. The server writes it; this keeps it as it is by now. */

import { shownName } from "../base/shown_name.js";
import { element } from "../base/dom.js";
import { excerpt } from "../messages/excerpt.js";
import { plainText } from "../messages/markdown.js";
import { PinList } from "./pin_list.js";

/** @import { Message } from "../base/types.js" */

export class Pins {
  /**
   * @param {HTMLElement} section
   * @param {{feed: import("./feed.js").Feed, request: typeof import("../base/api.js").request, go: (seq: number) => void}} hands
   */
  constructor(section, { feed, request, go }) {
    this.section = section;
    this.lines = /** @type {HTMLElement} */ (section.querySelector("ul"));
    this.feed = feed;
    this.request = request;
    this.go = go;
    this.list = new PinList();
    /** Whether it was ever told what is pinned; until then what the server wrote stands. */
    this.known = false;
    this.asked = this.ask();
  }

  /** What has changed in the room. @param {Message[]} touched @param {boolean} [anew] whether it was read anew */
  async take(touched, anew = false) {
    await this.asked;
    if (anew || !this.known || !this.list.take(touched)) await (this.asked = this.ask());
    else this.show();
  }

  async ask() {
    try {
      this.list.replace((await this.request("GET", `/chats/${this.feed.chat.id}/pins`)).messages);
      this.known = true;
    } catch {
      // What is there stays until the next change.
      return;
    }
    this.show();
  }

  show() {
    const { messages } = this.list;
    const at = this.lines.contains(document.activeElement) ? Array.from(this.lines.querySelectorAll("a")).findIndex((line) => line === document.activeElement) : -1;
    this.section.hidden = messages.length === 0;
    this.lines.replaceChildren(...messages.map((message) => element("li", {}, this.line(message))));
    if (at >= 0) this.lines.querySelectorAll("a")[Math.min(at, messages.length - 1)]?.focus();
  }

  /** @param {Message} message */
  line({ seq, username, content }) {
    const line = element("a", { class: "pinned", href: `${this.feed.chat.url}messages/${seq}/` });
    line.append(element("b", {}, element("bdi", {}, shownName(username))), " ", element("bdi", {}, excerpt(plainText(content))));
    line.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.section.closest("dialog")?.close();
      this.go(seq);
    });
    return line;
  }
}
