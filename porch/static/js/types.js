/** The shapes that pages, requests and sockets share. Only types live here. */

/**
 * @typedef {object} Message one entry by one person; `seq` is its place, `rev` the number of its last change
 * @property {number} [id] not known of those that were written into the page
 * @property {number} chat_id
 * @property {number} seq
 * @property {number} rev
 * @property {string} timestamp RFC 3339, UTC
 * @property {string} username the name at the time of writing
 * @property {number} user_id
 * @property {boolean} guest
 * @property {string} content
 * @property {string} [client_id] likewise
 * @property {string | null} edited_at
 * @property {boolean} deleted
 */

/**
 * @typedef {object} Chat
 * @property {number} id
 * @property {string} name
 * @property {string} kind
 * @property {string} hash_key
 * @property {string} url a path
 * @property {number} rev
 * @property {number} reset_rev whoever read less than this must read the room anew
 * @property {boolean} [mine]
 */

/** @typedef {{user_id: number, username: string, guest: boolean}} Me */

/**
 * @typedef {object} Page a part of the log. After a cursor: in rev order, with `chat` when the room itself
 *   changed. Before a seq: oldest first, `chat` null.
 * @property {Message[]} messages
 * @property {Chat | null} chat
 * @property {number} rev the next cursor
 * @property {number} head the room's number when this was read
 * @property {boolean} more
 */

/** @typedef {Chat & {messages: Message[], rev: number, more: boolean}} Room a room with its newest messages, oldest first; `more`: older ones exist */

/**
 * @typedef {object} RoomData what the room's page carries for its scripts
 * @property {Chat} chat
 * @property {number} rev
 * @property {boolean} more_before
 * @property {Me} me
 * @property {"socket" | "poll"} live
 */

/** @typedef {{kind: "message", rev: number, message: Message} | {kind: "chat", rev: number, chat: Chat}} Change */

/**
 * @typedef {object} Outcome what a change of the feed did
 * @property {Message[]} fresh messages that were not there before, in seq order
 * @property {boolean} changed whether something that is shown differs now
 */

export {};
