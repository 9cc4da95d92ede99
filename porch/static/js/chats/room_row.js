/** One room of the lobby as an element: a copy of the template that `parts/room_row.html` writes, filled in. */

import { shortened } from "../notifications/attention.js";
import { put } from "../base/dom.js";
import { gettext, ngettext } from "../base/gettext.js";
import { showTime } from "./row_time.js";
import { copy } from "../base/template.js";

/** @import { Clock } from "../base/time.js" */
/** @import { LobbyRow } from "../base/types.js" */

const KINDS = new Map([["link", gettext("By link")], ["private", gettext("Private")], ["sealed", gettext("Sealed")]]);

export class RoomRow {
  /**
   * @param {LobbyRow} room
   * @param {{clock: Clock, manage: (row: RoomRow) => void}} lobby `manage` is told when there is a menu to bring to life
   * @param {Element | null} written by the server, if it did
   */
  constructor(room, lobby, written) {
    this.room = room;
    this.lobby = lobby;
    this.line = written instanceof HTMLElement ? written : copy("room-template", room.id);
    /** Whether the room is gone and only its place is kept. */
    this.gone = false;
    if (this.menu) lobby.manage(this);
    this.show(room, Date.now());
  }

  /** @returns {HTMLDetailsElement | null} what one may do with the room, if anything */
  get menu() {
    return this.line.querySelector("details");
  }

  /** @param {LobbyRow} room @param {number} now */
  show(room, now) {
    this.room = room;
    this.gone = false;
    const link = this.part("a");
    if (link.getAttribute("href") !== room.url) link.setAttribute("href", room.url);
    this.part(".lamp").classList.toggle("on", room.present > 0);
    put(this.part(".name bdi"), room.name);
    const [kind, place] = [room.encryption ? "sealed" : room.kind, this.part(".kind")];
    put(place.querySelector("span"), KINDS.get(kind) ?? "");
    place.querySelector("use")?.setAttribute("href", kind === "link" ? "#i-link" : "#i-lock");
    place.hidden = !KINDS.has(kind);
    put(this.part(".here"), room.present > 0 ? ngettext("%(num)s here now", "%(num)s here now", room.present) : "");
    put(this.part(".own"), room.mine ? gettext("opened by you") : "");
    showTime(this.line, this.lobby.clock, room.last_at ?? room.created_at, now);
    this.showUnread(room);
    this.showMenu(room);
  }

  /** As `parts/room_row.html` says it. @param {LobbyRow} room */
  showUnread({ level, unread = 0, mentioned = 0 }) {
    const told = level !== "nothing";
    this.line.classList.toggle("new", told && unread > 0);
    this.badge(".called", told ? mentioned : 0, "@");
    this.badge(".unread", told ? unread : 0).classList.toggle("quiet", level === "mentions");
    this.part(".dot").hidden = told || unread === 0;
  }

  /** @param {string} selector @param {number} count @param {string} [sign] */
  badge(selector, count, sign = "") {
    const badge = this.part(selector);
    badge.hidden = count === 0;
    const number = sign + shortened(count);
    if (badge.firstChild && badge.firstChild.nodeValue !== number) badge.firstChild.nodeValue = number;
    return badge;
  }

  /** @param {LobbyRow} room */
  showMenu(room) {
    if (!room.may_manage) this.menu?.remove();
    else if (!this.menu) {
      this.line.append(copy("menu-template", room.id));
      this.lobby.manage(this);
    }
    const { menu } = this;
    if (!menu) return;
    menu.querySelector("summary")?.setAttribute("aria-label", gettext("Manage %(name)s", { name: room.name }));
    for (const [part, attribute, path] of [["form", "action", "settings/"], ["[data-settings]", "href", "settings/"], ["[data-delete]", "href", "delete/"]]) {
      menu.querySelector(part)?.setAttribute(attribute, room.url + path);
    }
    const field = menu.querySelector("input");
    if (field && !menu.open) field.value = room.name;
  }

  /** The room is gone; its line stays where somebody points or is, and says so. */
  end() {
    this.gone = true;
    this.menu?.remove();
    this.part(".lamp").classList.remove("on");
    put(this.part(".here"), "");
    // L10n: the room was deleted
    put(this.part(".own"), gettext("gone"));
    this.showUnread({ ...this.room, unread: 0, mentioned: 0 });
  }

  /** @param {string} selector @returns {HTMLElement} */
  part(selector) {
    return /** @type {HTMLElement} */ (this.line.querySelector(selector));
  }
}
