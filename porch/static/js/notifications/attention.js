/** How much waits for somebody, and how a page says so while nobody looks at it. Pure; `attention_view.js` shows it. */

/** @import { DirectChat, LobbyRow } from "../base/types.js" */

/** What of a room counts, by the level that its member has chosen. @param {Partial<LobbyRow>} room */
export function weight({ level, unread = 0, mentioned = 0 }) {
  if (level === "nothing") return 0;
  return level === "mentions" ? mentioned : unread;
}

/** How much of a direct chat is new to its reader. Of somebody who is blocked nothing is. @param {DirectChat} chat */
export function news({ blocked, unread }) {
  return blocked ? 0 : unread;
}

/** @param {Iterable<LobbyRow>} rooms @param {Iterable<DirectChat>} directs */
export function total(rooms, directs) {
  let sum = 0;
  for (const room of rooms) sum += weight(room);
  for (const chat of directs) sum += news(chat);
  return sum;
}

/** What stands before a page's title. @param {number} count */
export function mark(count) {
  return count === 0 ? "" : `(${shortened(count)}) `;
}

/** @param {number} count */
export function shortened(count) {
  return count < 100 ? String(count) : "99+";
}
