/** Where one may go by Ctrl+K, and in which order. Pure: `switcher.js` shows it. */

import { shownName } from "../base/shown_name.js";
import { news } from "../notifications/attention.js";
import { isNew, moment } from "./direct_list.js";
import { gettext } from "../base/gettext.js";

/** @import { DirectChat, LobbyRow, Somebody } from "../base/types.js" */

/**
 * @typedef {object} Goal
 * @property {string} id the same as long as the goal is
 * @property {string} name
 * @property {string} about what it is
 * @property {string} url
 * @property {number} unread
 * @property {boolean} isOwn whether it is shown before anything is typed
 * @property {string} at when something last happened there
 * @property {number} [with] the other person of a direct chat
 */

/** Lines that are shown at once. */
export const MOST = 12;

/**
 * The last active first.
 * @param {(LobbyRow & {unread?: number})[]} rooms @param {DirectChat[]} directs @param {string} here path of the page one is on
 * @returns {Goal[]}
 */
export function goalsOf(rooms, directs, here) {
  /** @type {Goal[]} */
  const goals = [
    ...rooms.map((room) => ({
      id: `room-${room.id}`, name: room.name, about: room.member ? gettext("Room") : gettext("Room you are not in yet"), url: room.url,
      unread: room.unread ?? 0, isOwn: room.member, at: room.last_at ?? room.created_at,
    })),
    ...directs.map((chat) => ({
      id: `direct-${chat.id}`, name: shownName(chat.name), about: isNew(chat) && chat.state === "asked" ? gettext("Would like to talk") : gettext("Just the two of you"),
      url: chat.url, unread: news(chat), isOwn: true, at: moment(chat), with: chat.with.user_id,
    })),
  ];
  return goals.filter(({ url }) => !here.startsWith(url)).sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/**
 * What is offered for what was typed: names that begin with it, then names with a word that does, then all others that
 * have it; then people to begin a chat with, and the search of what was said.
 * @param {Goal[]} goals @param {Somebody[]} people found by the server @param {string} typed
 * @returns {Goal[]}
 */
export function offered(goals, people, typed) {
  const sought = folded(typed.trim());
  if (sought === "") return goals.filter(({ isOwn }) => isOwn).slice(0, MOST);
  const ranked = goals.map((goal) => ({ goal, rank: rank(folded(goal.name), sought) })).filter(({ rank: found }) => found > 0);
  const known = new Set(goals.map((goal) => goal.with));
  const strangers = people.filter(({ user_id, username }) => !known.has(user_id) && folded(username).startsWith(sought));
  return [
    // The order of activity stays among those that are equal.
    ...ranked.sort((a, b) => b.rank - a.rank).map(({ goal }) => goal).slice(0, MOST),
    ...strangers.map(({ user_id, username }) => goal(`person-${user_id}`, username, gettext("Begin a chat"), `/direct/${encodeURIComponent(username)}/`)),
    goal("search", typed.trim(), gettext("Search what was said"), `/search/?q=${encodeURIComponent([...typed.trim()].slice(0, 200).join(""))}`),
  ];
}

/** @param {string} id @param {string} name @param {string} about @param {string} url @returns {Goal} */
function goal(id, name, about, url) {
  return { id, name, about, url, unread: 0, isOwn: false, at: "" };
}

/** @param {string} name @param {string} sought */
function rank(name, sought) {
  if (name.startsWith(sought)) return 3;
  if (name.includes(` ${sought}`)) return 2;
  return name.includes(sought) ? 1 : 0;
}

/** As the server searches. @param {string} text */
function folded(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFKC");
}
