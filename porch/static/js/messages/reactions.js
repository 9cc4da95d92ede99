/** The emoji that people have put under a message. A press puts one's own there or takes it back, at once and for all. */

import { shownName } from "../base/shown_name.js";
import { element } from "../base/dom.js";
import { gettext, ngettext } from "../base/gettext.js";
import { who, withWish } from "./tallies.js";
import { Who } from "./who.js";

/** @import { RichHands } from "./rich.js" */
/** @import { Message, Tally } from "../base/types.js" */

/** @typedef {{seq: number, emoji: string, on: boolean, asked: boolean | null}} Wish `asked`: what the server was asked for last */

export class Reactions {
  /** @param {RichHands} hands */
  constructor(hands) {
    this.hands = hands;
    /** @type {Map<string, Wish>} what is on its way, by message and emoji */
    this.wishes = new Map();
    /** @type {Set<string>} of one's own where so many have reacted that the message does not name them all */
    this.own = new Set();
    /** @type {Map<number, string>} by user */
    this.names = new Map();
    this.who = new Who((seq, emoji) => this.ask(seq, emoji));
  }

  /** @param {{seq?: number}} message */
  sign({ seq }) {
    if (this.wishes.size === 0) return "";
    return Array.from(this.wishes.values(), (wish) => wish.seq === seq ? ` ${wish.emoji}${wish.on}` : "").join("");
  }

  /** As this person wants it. @param {Message} message @returns {Tally[]} */
  tallies({ seq, reactions = [] }) {
    let tallies = reactions;
    for (const wish of this.wishes.values()) if (wish.seq === seq) tallies = withWish(tallies, wish.emoji, wish.on, this.hands.me.user_id);
    return tallies;
  }

  /** @param {number} seq @param {Tally} tally */
  isMine(seq, { emoji, count, user_ids }) {
    return user_ids.includes(this.hands.me.user_id) || (count > user_ids.length && this.own.has(key(seq, emoji)));
  }

  /** @param {Message} message @returns {HTMLElement[]} */
  draw(message) {
    const tallies = this.tallies(message);
    if (tallies.length === 0) return [];
    return [element("div", { class: "chips", role: "group", "aria-label": gettext("Reactions") }, ...tallies.map((tally) => this.chip(message.seq, tally)))];
  }

  /** @param {number} seq @param {Tally} tally */
  chip(seq, tally) {
    const { emoji, count } = tally;
    const chip = element("button", {
      type: "button",
      class: "chip",
      "aria-pressed": String(this.isMine(seq, tally)),
      "aria-label": `${emoji} ${count}: ${this.sentence(tally)}`,
      "data-keep": emoji,
    }, element("span", { class: "emoji" }, emoji), " ", String(count));
    this.who.watch(chip, seq, emoji);
    chip.addEventListener("click", () => { if (!this.who.held) this.press(seq, emoji); });
    return chip;
  }

  /** @param {number} seq @param {string} emoji */
  press(seq, emoji) {
    const message = this.hands.feed.at(seq);
    if (!message) return;
    const tally = this.tallies(message).find((one) => one.emoji === emoji);
    this.want(seq, emoji, !(tally && this.isMine(seq, tally)));
  }

  /** @param {number} seq @param {string} emoji @param {boolean} on */
  want(seq, emoji, on) {
    const id = key(seq, emoji);
    const under = this.wishes.get(id);
    if (under) under.on = on;
    else {
      const wish = { seq, emoji, on, asked: null };
      this.wishes.set(id, wish);
      void this.send(id, wish);
    }
    this.hands.changed();
  }

  /** Asks until the server has what was wished last: presses may follow each other faster than answers do. @param {string} id @param {Wish} wish */
  async send(id, wish) {
    const { request, took, complain, changed, feed } = this.hands;
    try {
      while (wish.asked !== wish.on) {
        wish.asked = wish.on;
        const message = await request(wish.on ? "PUT" : "DELETE", `/chats/${feed.chat.id}/messages/${wish.seq}/reactions/${encodeURIComponent(wish.emoji)}`);
        if (wish.asked) this.own.add(id);
        else this.own.delete(id);
        if (wish.asked === wish.on) this.wishes.delete(id);
        took(message);
      }
    } catch (error) {
      this.wishes.delete(id);
      complain(gettext("Your reaction did not get through. %(reason)s", { reason: error instanceof Error ? error.message : "" }));
    }
    changed();
  }

  /** @param {Tally} tally */
  sentence(tally) {
    return who(tally, (userId) => this.nameOf(userId));
  }

  /** @param {number} userId */
  nameOf(userId) {
    const { me, feed } = this.hands;
    if (userId === me.user_id) return gettext("You");
    const said = feed.messages.findLast(({ user_id }) => user_id === userId);
    return this.names.get(userId) ?? (said && shownName(said.username));
  }

  /** Who reacted with this emoji, asked for where the page does not know all of them. @param {number} seq @param {string} emoji */
  async ask(seq, emoji) {
    const { request, feed } = this.hands;
    const tally = this.tally(seq, emoji);
    if (!tally) return "";
    if (tally.user_ids.some((userId) => this.nameOf(userId) === undefined)) {
      // Without an answer it stays a number.
      const { reactions } = await request("GET", `/chats/${feed.chat.id}/messages/${seq}/reactions?limit=200`).catch(() => ({ reactions: [] }));
      for (const { user_id, username } of reactions) this.names.set(user_id, shownName(username));
    }
    const now = this.tally(seq, emoji) ?? tally;
    if (now.count === 1 && this.isMine(seq, now)) return gettext("You reacted with %(emoji)s", { emoji });
    return ngettext("%(names)s reacted with %(emoji)s", "%(names)s reacted with %(emoji)s", now.count, { names: this.sentence(now), emoji });
  }

  /** @param {number} seq @param {string} emoji */
  tally(seq, emoji) {
    const message = this.hands.feed.at(seq);
    return message && this.tallies(message).find((one) => one.emoji === emoji);
  }
}

/** @param {number} seq @param {string} emoji */
function key(seq, emoji) {
  return `${seq} ${emoji}`;
}
