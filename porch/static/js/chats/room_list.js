/** The rooms of the lobby as this page knows them. Pure: `list_view.js` and `room_row.js` show them. */

/** @import { LobbyPage, LobbyRow, Me, PushedRow } from "../base/types.js" */

/** Rooms kept; of more, those go in which nothing has happened for longest. */
const LIMIT = 500;

export class RoomList {
  /** @param {LobbyPage} page @param {Me} me */
  constructor({ chats, more }, me) {
    this.me = me;
    /** Whether there are rooms that this page has not heard of. */
    this.more = more;
    /** @type {Map<number, LobbyRow>} by id */
    this.rooms = new Map(chats.map((chat) => [chat.id, chat]));
  }

  /** How many people are in a room that is known here. */
  get people() {
    let sum = 0;
    for (const { present } of this.rooms.values()) sum += present;
    return sum;
  }

  /**
   * The most recently active first.
   * @param {string} [part] of the name
   */
  rows(part = "") {
    return Array.from(this.rooms.values()).filter((room) => names(room, part)).sort(byActivity);
  }

  /**
   * Takes the lobby, or those of its rooms that have `part` in their name, as the server has it now.
   * @param {LobbyPage} page @param {string} [part]
   * @returns {LobbyRow[]} the rooms that are new here
   */
  replace({ chats, more }, part = "") {
    const fresh = chats.filter(({ id }) => !this.rooms.has(id));
    const last = chats[chats.length - 1];
    const there = new Set(chats.map(({ id }) => id));
    for (const room of this.rooms.values()) {
      // What is not there is gone, unless it is further down than this page of the lobby goes.
      if (!there.has(room.id) && names(room, part) && !(more && last && byActivity(last, room) < 0)) this.rooms.delete(room.id);
    }
    for (const chat of chats) this.rooms.set(chat.id, chat);
    if (part === "") this.more = more;
    return fresh;
  }

  /**
   * Takes a pushed change.
   * @param {{chats?: PushedRow[], gone?: number[]}} change
   * @returns {LobbyRow[]} the rooms that are new here
   */
  apply({ chats = [], gone = [] }) {
    const fresh = [];
    for (const id of gone) this.rooms.delete(id);
    for (const chat of chats) {
      const known = this.rooms.get(chat.id);
      if (known && known.rev > chat.rev) continue;
      const own = { member: known?.member ?? false, mine: known?.mine ?? false };
      const room = { ...own, may_manage: this.me.role === "admin" || (chat.mine ?? own.mine), ...chat };
      if (!known) fresh.push(room);
      this.rooms.set(chat.id, room);
    }
    if (this.rooms.size > LIMIT) {
      for (const { id } of this.rows().slice(LIMIT)) this.rooms.delete(id);
      this.more = true;
    }
    return fresh;
  }
}

/**
 * The order in which chats stand while somebody points at the list or moves in it: nothing that stands there changes
 * its place, and what is new comes last.
 * @template {{id: number}} T
 * @param {readonly number[]} standing ids
 * @param {readonly T[]} rows in the order they should have
 */
export function held(standing, rows) {
  const place = new Map(standing.map((id, index) => [id, index]));
  const of = (/** @type {T} */ { id }) => place.get(id) ?? Infinity;
  return [...rows].sort((a, b) => (of(a) === of(b) ? 0 : of(a) - of(b)));
}

/** @param {LobbyRow} room @param {string} part */
function names({ name }, part) {
  return folded(name).includes(folded(part.trim()));
}

/** @param {LobbyRow} a @param {LobbyRow} b */
function byActivity(a, b) {
  const [left, right] = [a.last_at ?? a.created_at, b.last_at ?? b.created_at];
  return left === right ? b.id - a.id : left < right ? 1 : -1;
}

/** As the server searches: without case, accents and differences of width. @param {string} text */
function folded(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFKC");
}
