/**
 * What waits for somebody in their direct chats, wherever they are on the site: a number beside "Rooms", and a card when
 * somebody new would like to talk. Loaded late; whoever loads it lends the requests.
 */

import { button, element, put, way } from "../base/dom.js";
import { filled } from "../base/filled.js";
import { gettext, ngettext } from "../base/gettext.js";
import { Knocks } from "./knocks.js";
import { plate } from "../base/plate_view.js";
import { keepPutOff, readPutOff } from "./put_off.js";

/** @import { request as ask } from "../base/api.js" */
/** @import { DirectChat } from "../base/types.js" */

/** Milliseconds in which several changes are one. */
const PAUSE = 300;

/**
 * @typedef {object} Page
 * @property {boolean} [cards] whether the page does not show requests itself
 * @property {number} [here] the direct chat whose page this is
 * @property {() => Promise<boolean>} [read] tells what was read there, if it is not told yet: whether there was anything
 * @property {(count: number) => void} [counted] is told how much waits in rooms and direct chats together
 * @property {(row: DirectChat | undefined) => void} [own] is told that chat's row in one's list, if it is there
 */

export class News {
  /** @param {typeof ask} request @param {Page} [page] */
  constructor(request, { cards = true, here, read, own, counted } = {}) {
    this.request = request;
    this.hasCards = cards;
    this.here = here;
    this.read = read;
    this.own = own;
    this.counted = counted;
    this.knocks = new Knocks(readPutOff(), here);
    /** @type {Map<number, {card: HTMLElement, words: HTMLElement}>} by chat; `words` are read aloud */
    this.cards = new Map();
    this.rest = element("a", { class: "btn little", href: "/chatrooms/#direct" });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.asked = 0;
  }

  /** A direct chat has changed. @param {DirectChat} chat */
  take(chat) {
    this.knocks.take(chat);
    this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.recount(), PAUSE);
  }

  /** Asks how much waits and, where that may be another request than a moment ago, who knocks. */
  async poll() {
    const requests = await this.count();
    if (!this.own && !(this.hasCards && (requests > 0 || this.cards.size > 0))) return;
    /** @type {{directs: DirectChat[], more: boolean}} */
    const list = await this.request("GET", "/directs");
    this.own?.(list.directs.find(({ id }) => id === this.here));
    this.knocks.replace(list);
    this.show();
  }

  recount() {
    // What cannot be asked now is asked after the next change.
    this.count().catch(() => {});
  }

  /** @returns {Promise<number>} how many requests wait */
  async count() {
    const turn = ++this.asked;
    await this.read?.();
    let told;
    do {
      told = await this.request("GET", "/sessions/current");
      // What is counted may be on its way here: an answer can outrun the line that brings the message.
      if (this.read && told.directs.unread > 0) await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
      // What came and was read meanwhile does not wait.
    } while (await this.read?.());
    const { directs: { unread, requests }, attention } = told;
    if (turn !== this.asked) return requests; // whoever asked later knows better
    this.counted?.(attention);
    const badge = document.getElementById("waiting");
    if (badge) badge.hidden = unread + requests === 0;
    if (badge?.firstChild) badge.firstChild.nodeValue = String(unread + requests);
    return requests;
  }

  show() {
    if (!this.hasCards) return;
    const { shown, more } = this.knocks;
    if (shown.length === 0 && this.cards.size === 0) return;
    const { place } = this;
    const held = place.contains(document.activeElement);
    for (const [id, { card, words }] of this.cards) {
      if (shown.some((chat) => chat.id === id)) continue;
      card.remove();
      words.remove();
      this.cards.delete(id);
    }
    for (const chat of shown) this.showCard(chat, place);
    this.rest.hidden = more === 0;
    put(this.rest, ngettext("and %(num)s more", "and %(num)s more", more));
    place.hidden = shown.length === 0;
    // Whoever was at a card that is gone goes on at the next, or on the page.
    if (held && !place.contains(document.activeElement)) (shown.length > 0 ? place.querySelector("a") : page())?.focus();
  }

  /** @param {DirectChat} chat @param {HTMLElement} place */
  showCard(chat, place) {
    const known = this.cards.get(chat.id);
    const said = sentence(chat);
    const text = said.textContent ?? "";
    if (known?.words.textContent === text) return;
    const words = element("p", {}, text);
    const card = this.card(chat, said);
    if (known) known.card.replaceWith(card);
    else place.insertBefore(card, this.rest);
    known?.words.remove();
    document.getElementById("knocking")?.append(words);
    this.cards.set(chat.id, { card, words });
  }

  /** @param {DirectChat} chat @param {HTMLElement} said */
  card(chat, said) {
    const away = button(gettext("Not now"), () => {
      this.putAway(chat.id);
      keepPutOff(this.knocks.away);
    });
    const problem = element("p", { class: "small", role: "alert", hidden: "" });
    /** @param {"PATCH" | "PUT"} method @param {string} path @param {unknown} [body] */
    const answer = async (method, path, body) => {
      try {
        await this.request(method, path, body);
        this.putAway(chat.id);
        this.recount();
      } catch (error) {
        problem.hidden = false;
        put(problem, error instanceof Error ? error.message : "");
      }
    };
    return element("div", { class: "knock" }, plate({ user_id: chat.with.user_id, username: chat.name }), said,
      element("div", { class: "go" }, way(gettext("Look"), chat.url),
        button(gettext("Ignore"), () => void answer("PATCH", `/directs/${chat.id}`, { state: "ignored" })),
        button(gettext("Block"), () => void answer("PUT", `/blocks/${chat.with.user_id}`)),
        away),
      problem);
  }

  /** @param {number} id */
  putAway(id) {
    this.knocks.putAway(id);
    this.show();
  }

  /** Where the cards stand. It is no live region: of a card only the words are read aloud, in one of their own. */
  get place() {
    const there = document.getElementById("knocks");
    if (there) return there;
    const made = element("section", { id: "knocks", "aria-label": gettext("Who would like to talk with you") }, this.rest);
    const href = document.getElementById("waiting")?.dataset.styles;
    if (href) document.head.append(element("link", { rel: "stylesheet", href }));
    document.body.append(made);
    return made;
  }
}

/** @param {DirectChat} chat */
function sentence({ name, with: { guest } }) {
  const words = guest ? gettext("%(name)s, a guest, would like to talk with you.") : gettext("%(name)s would like to talk with you.");
  return element("p", {}, ...filled(words, { name: element("b", {}, element("bdi", {}, name)) }));
}

/** Where one goes on: at the log of a room, else at the way to what waits. */
function page() {
  return document.getElementById("log") ?? document.getElementById("waiting")?.closest("a");
}
