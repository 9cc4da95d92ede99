/** The shapes that pages, requests and sockets share. Only types live here. */

/**
 * @typedef {object} Written one entry by one person; `seq` is its place, `rev` the number of its last change
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
 * @property {boolean} [removed] not its author took it back
 */

/** @typedef {Written & More} Message */

/** @typedef {{user_id: number | null, username: string}} Mention null: everyone in the room */
/** @typedef {{emoji: string, count: number, user_ids: number[]}} Tally people who reacted with one emoji; the first hundred by id */

/**
 * @typedef {object} More what few messages carry beside their text
 * @property {number} [reply_to] the seq of the message that this one answers
 * @property {Mention[]} [mentions] whom it calls
 * @property {Tally[]} [reactions] in the order in which the emoji came up
 * @property {boolean} [pinned]
 * @property {boolean} [removed] of a tombstone: not its author took it back
 * @property {Attached[]} [files]
 * @property {Preview} [preview] of its first link
 * @property {boolean} [unopened] of a sealed room: what it says is why it cannot be read
 */

/** @typedef {{url: string, title: string, description: string, site: string}} Preview what a page says of itself; the last two may be empty */

/**
 * @typedef {object} Attached a file of a message
 * @property {number} id
 * @property {string} name
 * @property {number} size bytes
 * @property {string} media_type
 * @property {string} url a path
 * @property {string} [alt] what its sender says that it shows
 * @property {number} [width] of a picture, as what follows
 * @property {number} [height]
 * @property {{url: string, width: number, height: number}} [thumbnail]
 * @property {{key: string, iv: string, sha256: string}} [lock] of a file that was encrypted in the browser, as `file_lock.js` has it
 */

/**
 * @typedef {object} Chat
 * @property {number} id
 * @property {string} name
 * @property {string} kind
 * @property {"sealed"} [encryption] only where it is
 * @property {string} hash_key
 * @property {string} url a path
 * @property {number} rev
 * @property {number} reset_rev whoever read less than this must read the room anew
 * @property {string} [created_at] RFC 3339, UTC
 * @property {boolean} [mine]
 * @property {boolean} [may_manage]
 * @property {boolean} [closed] only those who keep order write
 * @property {number} [slow_mode] seconds between two messages of one person; 0: none
 * @property {boolean} [may_moderate] whether this person keeps order
 * @property {string | null} [muted_until] RFC 3339, UTC
 * @property {Peer} [with] of a direct chat, as what follows
 * @property {Answer} [state]
 * @property {boolean} [blocked]
 * @property {boolean} [may_write]
 */

/** @typedef {{id: number, name: string, url: string}} Place a room that somebody is in */
/** @typedef {{user_id: number, username: string}} Somebody */
/** @typedef {Somebody & {guest: boolean, role?: "member" | "admin"}} Me */

/** @typedef {{may_moderate: boolean, muted_until: string | null}} Standing what this person may do in a room */

/**
 * @typedef {object} Present who is in a room
 * @property {Me[]} present at most 50
 * @property {number} count all of them
 * @property {Somebody[]} [typing] who is writing; not in events
 * @property {Standing} [standing] likewise
 */

/**
 * @typedef {object} LobbyRow a room as the lobby shows it
 * @property {number} id
 * @property {string} name
 * @property {string} kind
 * @property {"sealed"} [encryption]
 * @property {string} hash_key
 * @property {string} url a path
 * @property {number} rev
 * @property {string} created_at
 * @property {string | null} last_at when something was last said; null when nothing was
 * @property {number} present how many people are there
 * @property {boolean} member
 * @property {boolean} mine
 * @property {boolean} may_manage
 * @property {Level} [level] of members, as what follows
 * @property {number} [unread] at most 100
 * @property {number} [mentioned] how many of those call this person
 */

/** @typedef {"everything" | "mentions" | "nothing"} Level what somebody wants to be told of a room */

/**
 * @typedef {object} Attention what a chat asks of somebody
 * @property {Level} level
 * @property {number} unread at most 100
 * @property {number} mentioned
 * @property {number} read_seq the place up to which they have read
 * @property {number | null} first_unread the place of the first message of others after it
 */

/**
 * @typedef {object} Notice something was said elsewhere that this person wants to be told of
 * @property {number} chat_id
 * @property {string} kind
 * @property {string} name of the room, or of the other person
 * @property {string} url a path
 * @property {number} seq
 * @property {number} user_id of whom said it
 * @property {string} username
 * @property {string} content cut off
 * @property {boolean} called whether it calls this person
 * @property {number} count how many messages this stands for
 */

/** @typedef {Omit<LobbyRow, "member" | "mine" | "may_manage"> & Partial<LobbyRow>} PushedRow for all alike; what hangs on the reader may be missing */
/**
 * @typedef {object} Peer the other person of a direct chat
 * @property {number} user_id
 * @property {string | null} username null when they have left, or their name has passed on
 * @property {boolean} guest
 * @property {boolean} passed_on whether the name they had is somebody else's now
 */

/** @typedef {"asked" | "open" | "ignored"} Answer what this person has said to a direct chat; `asked` is not answered yet */

/**
 * @typedef {object} DirectChat a direct chat as one's list shows it
 * @property {number} id
 * @property {string} name of the other person
 * @property {string} url a path
 * @property {number} rev
 * @property {string} created_at
 * @property {Peer} with
 * @property {Answer} state
 * @property {boolean} blocked by this person
 * @property {boolean} [may_write] not in events
 * @property {{user_id: number, content: string, timestamp: string} | null} last what was said last, cut off
 * @property {number} unread at most 100
 * @property {boolean} present whether the other person is there
 */

/** @typedef {{chats: LobbyRow[], more: boolean}} LobbyPage the most recently active first; `more`: there are others */

/**
 * @typedef {object} LobbyData what the lobby's page carries for its scripts
 * @property {LobbyRow[]} chats
 * @property {boolean} more
 * @property {DirectChat[]} directs
 * @property {boolean} pushed whether this person is reached by push, on any device
 * @property {Me} me
 * @property {"socket" | "poll"} live
 */

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
 * @property {boolean} more_after
 * @property {number | null} at the place that a permalink names
 * @property {Me} me
 * @property {"socket" | "poll"} live
 * @property {boolean} pushed whether this person is reached by push, on any device
 * @property {Attention} attention
 */

/** @typedef {{kind: "message", rev: number, message: Message} | {kind: "chat", rev: number, chat: Chat}} Change */

/**
 * @typedef {object} Outcome what a change of the feed did
 * @property {Message[]} fresh messages that were not there before, in seq order
 * @property {Message[]} touched all that is new or has changed, loaded or not
 * @property {boolean} changed whether something that is shown differs now
 * @property {boolean} [anew] the room was read anew
 */

export {};
