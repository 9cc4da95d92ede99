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
    this.chats = new Map(chats.map((chat) => [chat.id, chat]));
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

/** Where one talks with the other person. A chat whose other person has no name any more has its own address. @param {DirectChat} chat */
export function address({ with: { username }, url }) {
  return username === null ? url : `/direct/${encodeURIComponent(username)}/`;
}

/**
 * What stands under the name; `parts/direct_row.html` says the same.
 * @param {DirectChat} chat @param {number} me
 */
export function lastLine({ blocked, state, last, with: { username, passed_on } }, me) {
  if (blocked) return "Blocked";
  if (state === "asked") return last?.content ?? "Would like to talk with you";
  if (username === null) return passed_on ? "Has left; the name is somebody else’s now" : "Has left";
  if (last === null) return "Nothing said yet";
  return last.user_id === me ? `You: ${last.content}` : last.content;
}
