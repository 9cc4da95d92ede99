/** What changes on a room's page when order is kept there: whether one may write, the room's link, and whether it lets in. Loaded late, by `room.js`. */

import { byId } from "../base/dom.js";
import { restraint } from "./restraint.js";

/** @import { Composer } from "./composer.js" */
/** @import { Feed } from "../log/feed.js" */
/** @import { Clock } from "../base/time.js" */

/** So near a time needs no date, in milliseconds. */
const TODAY = 20 * 3_600_000;
/** Browsers keep no longer time. */
const LONGEST = 2 ** 31 - 1;

export class Order {
  /** @param {{feed: Feed, composer: Composer, clock: Clock, over: () => boolean}} room `over`: whether nothing more comes here */
  constructor(room) {
    this.room = room;
    this.line = byId("restraint", HTMLElement);
    this.url = /** @type {string} */ (new URL(room.composer.form.action).pathname);
    this.shut = room.composer.field.readOnly;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  show() {
    const { feed, composer, clock, over } = this.room;
    if (over()) return;
    const { words, shut, ends } = restraint(feed.chat, Date.now(), (at) => at - Date.now() < TODAY ? clock.time(at) : clock.full(at));
    if (this.line.textContent !== words) this.line.textContent = words;
    this.line.hidden = words === "";
    if (shut !== this.shut) composer.allow(!shut);
    this.shut = shut;
    clearTimeout(this.timer);
    if (ends) this.timer = setTimeout(() => this.show(), Math.min(ends - Date.now() + 50, LONGEST));
    const way = document.getElementById("order");
    if (way) way.hidden = !feed.chat.may_moderate;
    const access = feed.chat.kind === "private" ? "private" : "open";
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-access]"))) part.hidden = part.dataset.access !== access;
    if (feed.chat.url !== this.url) this.follow(feed.chat.url);
  }

  /** The room has another link: what stands on the page leads there from now on. @param {string} url a path */
  follow(url) {
    const old = this.url;
    this.url = url;
    for (const link of document.querySelectorAll("#share-link, #panel-link, #empty-link")) link.textContent = (link.textContent ?? "").replace(old, url);
    for (const link of document.querySelectorAll("a[href]")) {
      const href = link.getAttribute("href") ?? "";
      if (href.startsWith(old)) link.setAttribute("href", url + href.slice(old.length));
    }
    for (const form of document.forms) {
      const action = form.getAttribute("action") ?? "";
      if (action.startsWith(old)) form.setAttribute("action", url + action.slice(old.length));
    }
    // The drawn code leads to the old link; a reload draws the new one.
    for (const code of document.querySelectorAll("details:has(.qr), svg.qr")) /** @type {HTMLElement | SVGElement} */ (code).style.display = "none";
    if (location.pathname.startsWith(old)) history.replaceState(history.state, "", url + location.pathname.slice(old.length) + location.hash);
  }
}
