/**
 * How far one has read in this chat: told to the server while one looks, shown as the way to the first message that is new, and
 * as a number before the title while one does not look. The room lends what it needs.
 */

import { mark, shortened } from "./attention.js";
import { showDot } from "./attention_view.js";
import { chosen, isPossible } from "./desktop_choice.js";
import { element } from "../base/dom.js";
import { ngettext } from "../base/gettext.js";

/** @import { Feed } from "../log/feed.js" */
/** @import { Live } from "../log/live.js" */
/** @import { Level, Me, Message, Notice, Attention } from "../base/types.js" */

/** Milliseconds between two words on how far one has read. */
const PAUSE = 1000;
/** Milliseconds in which several changes are one. */
const GATHER = 300;

/**
 * @typedef {object} Hands
 * @property {Feed} feed
 * @property {Live} live
 * @property {Me} me
 * @property {typeof import("../base/api.js").request} request
 * @property {boolean} pushed whether this person is reached by push, on any device
 * @property {Attention} attention as the page was opened
 * @property {HTMLElement} log
 * @property {() => boolean} following whether the newest messages are in sight
 * @property {() => Promise<unknown>} recount asks how much waits, and tells it to `counted`
 * @property {(seq: number) => void} goTo
 * @property {(text: string) => void} title what stands before it
 */

export class Reading {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    /** Up to where the server knows that one has read. */
    this.told = hands.attention.read_seq;
    this.isFirst = true;
    /** Whether something was marked unread: until one leaves and comes back, nothing more is read here. */
    this.held = false;
    /** @type {Level} */
    this.level = hands.attention.level;
    this.waiting = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.counting = undefined;
    this.way = this.wayUp();
    /** @type {Promise<import("./telling.js").Telling | null> | null} loaded for whoever is told */
    this.telling = null;
    if (hands.pushed || chosen()) this.loadTelling();
    const press = document.getElementById("desktop");
    if (press instanceof HTMLButtonElement && isPossible()) this.offerDesktop(press);
    addEventListener("focus", () => this.seen());
    document.addEventListener("visibilitychange", () => this.seen());
    this.moved();
    this.seen();
  }

  get looks() {
    return !document.hidden && document.hasFocus();
  }

  /** Something may have come into sight: what is in sight while somebody looks is read. */
  seen() {
    clearTimeout(this.timer);
    if (!this.held) this.timer = setTimeout(() => void this.tell(), this.isFirst ? 0 : PAUSE);
  }

  /** @returns {Promise<boolean>} whether there was something to tell */
  async tell() {
    const { feed, following, live } = this.hands;
    const seq = feed.messages.at(-1)?.seq ?? 0;
    if (seq <= this.told || this.held || !following() || !this.looks) return false;
    const before = this.told;
    this.isFirst = false;
    this.told = seq;
    try {
      await live.read(seq);
      if (this.waiting > 0) this.recountSoon();
      return true;
    } catch {
      // A later look tells it.
      this.told = before;
      return false;
    }
  }

  /** Marks unread what begins at this place. @param {number} seq */
  async back(seq) {
    this.held = true;
    clearTimeout(this.timer);
    await this.hands.live.read(seq - 1, true);
    this.told = Math.min(this.told, seq - 1);
    this.recountSoon();
  }

  /** One has read on another device, or marked something unread there. @param {{chat_id: number, seq: number}} read */
  heard({ chat_id, seq }) {
    const here = chat_id === this.hands.feed.chat.id;
    if (!here || seq < this.told || this.waiting > 0) this.recountSoon();
    if (here) this.told = seq;
  }

  /** Something was said elsewhere. @param {Notice} notice */
  noticed(notice) {
    this.count(this.waiting + notice.count);
    this.tellHere(notice);
  }

  /** Something was said here. @param {Message[]} others */
  said(others) {
    if (this.looks && this.hands.following() && !this.held) return;
    const { me } = this.hands;
    const called = others.filter(({ mentions = [] }) => mentions.some(({ user_id }) => user_id === null || user_id === me.user_id));
    const counted = { everything: others, mentions: called, nothing: [] }[this.level];
    const last = counted.at(-1);
    if (!last) return;
    this.count(this.waiting + counted.length);
    const { feed: { chat } } = this.hands;
    if (!this.looks) this.tellHere({ ...last, kind: chat.kind, name: chat.name, url: chat.url, called: called.includes(last), count: counted.length });
  }

  /** To be told on this device; how is loaded for whoever asks for it, or has before. @param {HTMLButtonElement} press */
  offerDesktop(press) {
    const { request } = this.hands;
    const turned = () => void this.loadTelling().then((telling) => telling?.choose());
    const load = (/** @type {boolean} */ pressed) => import("./desktop_switch.js").then(({ setUpDesktop }) => {
      setUpDesktop(press, request, turned);
      if (pressed) press.click();
    }, wait);
    const wait = () => press.addEventListener("click", () => void load(true), { once: true });
    press.hidden = false;
    if (chosen()) void load(false);
    else wait();
  }

  loadTelling() {
    const { hands } = this;
    this.telling ??= import("./telling.js").then(({ Telling }) => new Telling({ ...hands, here: hands.feed.chat.id }), () => { this.telling = null; return null; });
    return this.telling;
  }

  /** @param {Notice} notice */
  tellHere(notice) {
    void this.telling?.then((telling) => telling?.tell(notice));
  }

  /** @param {Level} level of this chat from now on */
  choose(level) {
    this.level = level;
    this.recountSoon();
  }

  recountSoon() {
    clearTimeout(this.counting);
    this.counting = setTimeout(() => void this.hands.recount().catch(() => {}), GATHER);
  }

  /** The server was asked how much waits. Where nothing is pushed, that alone tells that something was said. @param {number} count */
  counted(count) {
    if (count > this.waiting && !this.hands.live.updates.subscribed && !this.looks) void this.telling?.then((telling) => telling?.tellThat(count));
    this.count(count);
  }

  /** @param {number} count how much waits for this person, here and elsewhere */
  count(count) {
    this.waiting = count;
    this.hands.title(mark(count));
    showDot(count > 0);
  }

  /** The way to the first new message, where the page opened at the last; from a permalink what is new may be further down. */
  wayUp() {
    const { attention: { unread, first_unread: first }, feed, goTo, log } = this.hands;
    if (!first || first > (feed.messages.at(-1)?.seq ?? 0)) return null;
    const words = ngettext("%(count)s new since you were here", "%(count)s new since you were here", unread, { count: shortened(unread) });
    // The arrow of the other pill, which the style sheet turns round.
    const arrow = document.querySelector("#pill svg")?.cloneNode(true) ?? "";
    const button = element("button", { type: "button", class: "pill" }, arrow, words);
    const place = element("div", { class: "up" }, button);
    button.addEventListener("click", () => { this.arrive(); goTo(first); });
    log.before(place);
    return place;
  }

  /** After a scroll, and after the log was drawn. */
  moved() {
    const line = this.hands.log.querySelector(".fresh");
    if (this.way && line && line.getBoundingClientRect().bottom > this.hands.log.getBoundingClientRect().top) this.arrive();
  }

  arrive() {
    this.way?.remove();
    this.way = null;
  }
}
