/**
 * What waits for somebody in their direct chats, wherever they are on the site: a number beside "Rooms", and a card when
 * somebody new would like to talk. Loaded late; whoever loads it lends the requests.
 */

import { address } from "./direct_list.js";
import { button, element, way } from "./dom.js";
import { plate } from "./plate_view.js";

/** @import { request as ask } from "./api.js" */
/** @import { DirectChat } from "./types.js" */

/** Milliseconds in which several changes are one. */
const PAUSE = 300;

export class News {
  /** @param {typeof ask} request @param {{cards?: boolean}} [page] `cards`: whether the page does not show requests itself */
  constructor(request, { cards = true } = {}) {
    this.request = request;
    this.cards = cards;
    /** @type {Map<number, HTMLElement>} by chat */
    this.shown = new Map();
    /** @type {Set<number>} chats whose card was answered or put away */
    this.done = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.requests = 0;
  }

  /** A direct chat has changed. @param {DirectChat} chat */
  take(chat) {
    if (chat.state !== "asked" || chat.blocked) this.close(chat.id);
    else if (this.cards) this.show(chat);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.recount(), PAUSE);
  }

  /** Asks how much waits, and where there are no events also who knocks. */
  async poll() {
    const before = this.requests;
    await this.count();
    if (!this.cards || this.requests <= before) return;
    /** @type {{directs: DirectChat[]}} */
    const { directs } = await this.request("GET", "/directs");
    for (const chat of directs) if (chat.state === "asked") this.show(chat);
  }

  recount() {
    // What cannot be asked now is asked after the next change.
    this.count().catch(() => {});
  }

  async count() {
    const { directs: { unread, requests } } = await this.request("GET", "/sessions/current");
    this.requests = requests;
    const badge = document.getElementById("waiting");
    if (!badge) return;
    badge.hidden = unread + requests === 0;
    if (badge.firstChild) badge.firstChild.nodeValue = String(unread + requests);
  }

  /** @param {DirectChat} chat */
  show(chat) {
    if (this.done.has(chat.id) || this.shown.has(chat.id)) return;
    const open = way("Look", address(chat));
    const card = element("aside", { class: "knock", role: "status" },
      plate({ user_id: chat.with.user_id, username: chat.name }),
      element("p", {}, element("b", {}, element("bdi", {}, chat.name)), ...(chat.with.guest ? [", a guest,"] : []), " would like to talk with you."),
      element("div", { class: "go" }, open,
        button("Ignore", () => void this.answer(chat, "PATCH", `/directs/${chat.id}`, { state: "ignored" })),
        button("Block", () => void this.answer(chat, "PUT", `/blocks/${chat.with.user_id}`))));
    this.shown.set(chat.id, card);
    this.place.append(card);
  }

  get place() {
    const there = document.getElementById("knocks");
    if (there) return there;
    const made = element("div", { id: "knocks" });
    const href = document.getElementById("waiting")?.dataset.styles;
    if (href) document.head.append(element("link", { rel: "stylesheet", href }));
    document.body.append(made);
    return made;
  }

  /** @param {DirectChat} chat @param {"PATCH" | "PUT"} method @param {string} path @param {unknown} [body] */
  async answer(chat, method, path, body) {
    try {
      await this.request(method, path, body);
      this.close(chat.id);
      this.recount();
    } catch (error) {
      this.shown.get(chat.id)?.querySelector("p")?.append(` ${error instanceof Error ? error.message : ""}`);
    }
  }

  /** @param {number} chatId */
  close(chatId) {
    const card = this.shown.get(chatId);
    if (!card) return;
    this.done.add(chatId);
    this.shown.delete(chatId);
    card.remove();
  }
}
