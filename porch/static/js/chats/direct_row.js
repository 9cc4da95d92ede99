/** One direct chat of the lobby as an element: a copy of the template that `parts/direct_row.html` writes, filled in. */

import { shownName } from "../base/shown_name.js";
import { news, shortened } from "../notifications/attention.js";
import { isNew, lastLine, moment } from "./direct_list.js";
import { put } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { plate } from "../base/plate_view.js";
import { showTime } from "./row_time.js";
import { copy } from "../base/template.js";

/** @import { Clock } from "../base/time.js" */
/** @import { DirectChat, Me } from "../base/types.js" */

export class DirectRow {
  /** @param {DirectChat} chat @param {{clock: Clock, me: Me}} lobby @param {Element | null} written by the server, if it did */
  constructor(chat, lobby, written) {
    this.lobby = lobby;
    this.line = written instanceof HTMLElement ? written : copy("direct-template", chat.id);
    this.show(chat, Date.now());
  }

  /** @param {DirectChat} chat @param {number} now */
  show(chat, now) {
    const { clock, me } = this.lobby;
    this.line.classList.toggle("new", isNew(chat));
    this.part("a").setAttribute("href", chat.url);
    const shown = this.part(".plate");
    const right = plate({ user_id: chat.with.user_id, username: chat.name });
    if (!shown.isEqualNode(right)) shown.replaceWith(right);
    this.part(".lamp").classList.toggle("on", chat.present);
    put(this.part(".name bdi"), shownName(chat.name));
    put(this.part(".name .hide"), chat.present ? gettext(", here now") : "");
    put(this.part(".last"), lastLine(chat, me.user_id));
    showTime(this.line, clock, moment(chat), now);
    const count = this.part(".count");
    const unread = news(chat);
    count.hidden = unread === 0;
    const number = shortened(unread);
    if (count.firstChild && count.firstChild.nodeValue !== number) count.firstChild.nodeValue = number;
  }

  /** The chat is not in the list any more; its line stays where somebody points or is. */
  end() {
    this.line.classList.remove("new");
    this.part(".count").hidden = true;
  }

  /** @param {string} selector @returns {HTMLElement} */
  part(selector) {
    return /** @type {HTMLElement} */ (this.line.querySelector(selector));
  }
}
