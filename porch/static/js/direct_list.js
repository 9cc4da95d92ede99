/** One's direct chats as this page knows them. Pure: `list_view.js` and `direct_row.js` show them. */

/** @import { DirectChat } from "./types.js" */

export class DirectList {
  /** @param {DirectChat[]} chats */
  constructor(chats) {
    /** @type {Map<number, DirectChat>} by id */
    this.chats = new Map();
    this.replace(chats);
  }

  /** Takes the list as the server has it now. @param {DirectChat[]} chats */
  replace(chats) {
    const before = this.chats;
    this.chats = new Map(chats.map((chat) => {
      const known = before.get(chat.id);
      return [chat.id, known && known.rev > chat.rev ? known : chat];
    }));
  }

  /** Takes one chat as it is now. @param {DirectChat} chat */
  apply(chat) {
    const known = this.chats.get(chat.id);
    if (known && known.rev > chat.rev) return;
    if (chat.state === "ignored") this.chats.delete(chat.id);
    else this.chats.set(chat.id, { ...known, ...chat });
  }

  /** The last active first. */
  rows() {
    return Array.from(this.chats.values()).sort((a, b) => (moment(a) === moment(b) ? b.id - a.id : moment(a) < moment(b) ? 1 : -1));
  }
}

/** When something was last said, or the chat was opened. @param {DirectChat} chat */
export function moment({ last, created_at }) {
  return last?.timestamp ?? created_at;
}

/** How much of the chat is new to the reader. Of somebody who is blocked nothing is. @param {DirectChat} chat */
export function news({ blocked, unread }) {
  return blocked ? 0 : unread;
}

/** Whether the reader is to look here. @param {DirectChat} chat */
export function isNew(chat) {
  const { blocked, state, with: { username } } = chat;
  return news(chat) > 0 || (state === "asked" && !blocked && username !== null);
}

/**
 * What stands under the name; `parts/direct_row.html` says the same.
 * @param {DirectChat} chat @param {number} me
 */
export function lastLine({ blocked, state, last, with: { username, passed_on } }, me) {
  if (blocked) return "Blocked";
  if (username === null) return passed_on ? "Has left; the name is somebody else’s now" : "Has left";
  if (state === "asked") return last ? `Would like to talk: ${last.content}` : "Would like to talk with you";
  if (last === null) return "Nothing said yet";
  return last.user_id === me ? `You: ${last.content}` : last.content;
}
