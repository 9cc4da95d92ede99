/** What the page of a direct chat does besides that of a room: who the other is by now. Loaded there alone. */

import { shownName } from "../base/shown_name.js";
import { choicesOf, differs, noticeOf } from "./direct_notice.js";
import { element } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { sealing } from "../base/api.js";

/** @import { request as ask } from "../base/api.js" */
/** @import { Composer } from "../composer/composer.js" */
/** @import { Choice, Side } from "./direct_notice.js" */
/** @import { DirectLine } from "../encrypted_chats/direct_line.js" */
/** @import { Feed } from "../log/feed.js" */
/** @import { Live } from "../log/live.js" */
/** @import { DirectChat } from "../base/types.js" */

/**
 * @typedef {object} Hands what the room's page lends
 * @property {Feed} feed
 * @property {Live} live
 * @property {Composer} composer
 * @property {typeof ask} request
 * @property {() => void} show
 */

export class Direct {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    /** What the page shows. @type {Side} */
    this.shown = { ...hands.feed.chat };
    /** How often the chat was asked for: of two answers the later question's is right. */
    this.asked = 0;
    // A name can be somebody else's tomorrow; a reload is to stay with this person.
    if (location.pathname.startsWith("/direct/")) history.replaceState(history.state, "", hands.feed.chat.url);
    this.follow();
  }

  /** The chat as one's list has it now; undefined where the list does not have it. @param {DirectChat} [row] */
  take(row) {
    const { chat } = this.hands.feed;
    if (row ? differs(chat, row) : chat.state !== "ignored") void this.look(row);
  }

  /** Asks for the chat as it is, as a row does not tell whether one may write. @param {DirectChat} [row] */
  async look(row) {
    const { feed, request } = this.hands;
    this.asked += 1;
    const turn = this.asked;
    /** @type {Side} */
    const now = await request("GET", `/chats/${feed.chat.id}/`).catch(() => row);
    if (!now || turn !== this.asked) return;
    const { name, with: other, state, blocked, may_write = !blocked && Boolean(other?.username) && feed.chat.may_write } = now;
    Object.assign(feed.chat, { name, with: other, state, blocked, may_write });
    this.hands.show();
    this.follow();
  }

  /** Shows the chat as the log's reader knows it by now. */
  follow() {
    const { feed: { chat }, live, composer } = this.hands;
    if (!differs(this.shown, chat)) return;
    this.shown = { ...chat };
    this.showNotice();
    const line = /** @type {DirectLine | undefined} */ (sealing);
    line?.notePeer(!chat.with?.username);
    const answers = document.getElementById("answers");
    answers?.replaceChildren(...choicesOf(chat).map((choice) => this.form(choice)));
    composer.field.placeholder = gettext("Write to %(name)s", { name: shownName(chat.name) });
    composer.field.setAttribute("aria-label", composer.field.placeholder);
    // On a page that has ended nothing is written.
    if (!live.updates.stopped) composer.allow(chat.may_write === true);
  }

  showNotice() {
    const place = document.getElementById("request");
    const notice = noticeOf(this.shown);
    if (!place) return;
    place.hidden = notice === null;
    const words = notice?.words.map((part) => typeof part === "string" ? part : element("b", {}, element("bdi", {}, part.name))) ?? [];
    const choices = notice?.choices.map((choice) => this.form(choice)) ?? [];
    place.replaceChildren(element("p", {}, ...words), ...(choices.length > 0 ? [element("div", { class: "go" }, ...choices)] : []));
  }

  /** As `parts/answer.html` writes it. @param {Choice} choice */
  form({ value, words }) {
    const press = element("button", { class: `btn little${value === "block" ? " risk" : ""}`, name: "answer", value }, words);
    return element("form", { method: "post", action: `${this.hands.feed.chat.url}answer/` }, press);
  }
}
