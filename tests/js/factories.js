/** Messages, rooms and pages for the tests, filled in where a test does not care. */

import { Feed } from "../../porch/static/js/log/feed.js";

/** @import { Change, Chat, DirectChat, LobbyRow, Message, Page, Room } from "../../porch/static/js/base/types.js" */

/** @param {number} seq @param {Partial<Message>} [fields] @returns {Message} */
export function message(seq, fields = {}) {
  return {
    id: 1000 + seq, chat_id: 7, seq, rev: seq, timestamp: "2026-03-11T18:02:00Z", username: "Oda", user_id: 1, guest: true,
    content: `text ${seq}`, client_id: `client ${seq}`, edited_at: null, deleted: false, ...fields,
  };
}

/** @param {number} first @param {number} last both included */
export function messages(first, last) {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => message(first + index));
}

/** @param {Partial<Chat>} [fields] @returns {Chat} */
export function chat(fields = {}) {
  return { id: 7, name: "The ridge station", kind: "link", hash_key: "k", url: "/chatrooms/k/", rev: 0, reset_rev: 0, ...fields };
}

/** @param {Message[]} list @param {number} rev @param {boolean} [more] @returns {Room} */
export function room(list, rev, more = false) {
  return { ...chat({ rev }), messages: list, more };
}

/** A page after a cursor. @param {Message[]} list @param {Partial<Page>} fields @returns {Page} */
export function page(list, fields = {}) {
  const rev = fields.rev ?? list.at(-1)?.rev ?? 0;
  return { messages: list, chat: null, rev, head: rev, more: false, ...fields };
}

/** A feed that has read everything up to `rev`, and shows the messages 1 to `rev`. @param {number} rev @param {number} [limit] */
export function feedAt(rev, limit) {
  return new Feed({ chat: chat({ rev }), messages: messages(1, rev), rev, moreBefore: false, limit });
}

/** @param {number} seq @param {Partial<Message>} [fields] @returns {Change} */
export function pushed(seq, fields) {
  const made = message(seq, fields);
  return { kind: "message", rev: made.rev, message: made };
}

/** @param {Feed} feed */
export function shown(feed) {
  return feed.messages.map((one) => one.seq);
}

/** A room as the lobby shows it. @param {number} id @param {Partial<LobbyRow>} [fields] @returns {LobbyRow} */
export function lobbyRow(id, fields = {}) {
  return {
    id, name: `Room ${id}`, kind: "listed", hash_key: `k${id}`, url: `/chatrooms/k${id}/`, rev: 0, created_at: "2026-03-11T09:00:00.000Z",
    last_at: null, present: 0, member: false, mine: false, may_manage: false, ...fields,
  };
}

/** A direct chat as one's list shows it. @param {Partial<DirectChat>} [about] @returns {DirectChat} */
export function direct(about = {}) {
  return {
    id: 7, name: "Bo", url: "/chatrooms/key/", rev: 1, created_at: "2026-03-11T18:00:00.000Z",
    with: { user_id: 2, username: "Bo", guest: false, passed_on: false },
    state: "open", blocked: false, last: null, unread: 0, present: false, ...about,
  };
}
