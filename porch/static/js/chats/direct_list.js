/** One's direct chats as this page knows them. Pure: `list_view.js` and `direct_row.js` show them. */

import { news } from "../notifications/attention.js";
import { gettext } from "../base/gettext.js";
import { plainText } from "../messages/markdown.js";

/** @import { DirectChat } from "../base/types.js" */

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

/** Whether the reader is to look here. @param {DirectChat} chat */
export function isNew(chat) {
  const { blocked, state, with: { username } } = chat;
  return news(chat) > 0 || (state === "asked" && !blocked && username !== null);
}

/**
 * What stands under the name; `parts/direct_row.html` says the same, with the marks of Markdown as they were written.
 * @param {DirectChat} chat @param {number} me
 */
export function lastLine({ blocked, state, last, with: { username, passed_on } }, me) {
  if (blocked) return gettext("Blocked");
  if (username === null) return passed_on ? gettext("Has left; the name is somebody else’s now") : gettext("Has left");
  // Nobody but the two can say what was said where it is encrypted.
  const said = last?.content === "" ? gettext("An encrypted message") : plainText(last?.content ?? "");
  if (state === "asked") return last ? gettext("Would like to talk: %(said)s", { said }) : gettext("Would like to talk with you");
  if (last === null) return gettext("Nothing said yet");
  return last.user_id === me ? gettext("You: %(said)s", { said }) : said;
}
