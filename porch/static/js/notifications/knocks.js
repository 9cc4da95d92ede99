/** Who would like to talk and has had no answer, as this page knows them. Pure: `news.js` shows them. */

/** @import { DirectChat } from "../base/types.js" */

/** Cards at once; the others are a number. */
const MOST = 3;

export class Knocks {
  /** @param {Iterable<number>} [away] chats put away in this tab @param {number} [here] the chat whose page this is */
  constructor(away = [], here = 0) {
    this.away = new Set(away);
    this.here = here;
    /** @type {Map<number, DirectChat>} by id, in the order in which they came */
    this.chats = new Map();
  }

  get shown() {
    return Array.from(this.chats.values()).slice(0, MOST);
  }

  /** How many there are besides. */
  get more() {
    return Math.max(0, this.chats.size - MOST);
  }

  /** Takes one chat as it is now. @param {DirectChat} chat */
  take(chat) {
    const { id, state, blocked, with: { username } } = chat;
    const known = this.chats.get(id);
    if (known && known.rev > chat.rev) return;
    if (state === "asked" && !blocked && username !== null && id !== this.here && !this.away.has(id)) this.chats.set(id, chat);
    else this.chats.delete(id);
  }

  /** Takes the list as the server has it now. What is not there is answered, unless it is further down. @param {{directs: DirectChat[], more: boolean}} list */
  replace({ directs, more }) {
    const there = new Set(directs.map(({ id }) => id));
    for (const id of this.chats.keys()) if (!there.has(id) && !more) this.chats.delete(id);
    for (const chat of directs) this.take(chat);
  }

  /** Answered, or put off: it does not come again. @param {number} id */
  putAway(id) {
    this.away.add(id);
    this.chats.delete(id);
  }
}
