/** What the log shows, line by line, from the loaded messages and the outbox. Pure; `feed_view.js` draws it. */

/** @import { Message, Me } from "../base/types.js" */
/** @import { Entry } from "./outbox.js" */
/** @import { Clock } from "../base/time.js" */

/**
 * @typedef {{kind: "begin", key: string, sign: string}
 *   | {kind: "older", key: string, sign: Older}
 *   | {kind: "day", key: string, sign: string, label: string}
 *   | {kind: "message", key: string, sign: string, message: Message, mine: boolean, more: boolean, target: boolean, called: boolean, at: number}
 *   | {kind: "new", key: string, sign: string}
 *   | {kind: "entry", key: string, sign: string, entry: Entry, more: boolean, slow: boolean, stuck: boolean}} Row
 *   `key` stays with a line for its life; `sign` changes when it has to be drawn again; `stuck`: what waits has waited for long
 */

/** @typedef {"" | "loading" | "failed"} Older what to say of the messages before the first; "" keeps their line free */

/** What else the look of a line hangs on, when it is no plain one. @typedef {(message: import("../base/types.js").More & {content: string}) => string} Sign */

/** Messages of one person stand in one group until this long after its first. */
const GROUP = 5 * 60_000;
/** How long a message may be under way before the page says so. */
export const SLOW = 300;
/** Tries that came to nothing before the way out is offered; one may be a passing cough of the network. */
export const PATIENCE = 2;

/**
 * @param {{messages: readonly Message[], entries: readonly Entry[], atBeginning: boolean, older?: Older, target?: number, first?: number, me: Me, clock: Clock, now: number, signOf?: Sign}} log `target`: the seq that a permalink leads to; `first`: where what is new begins
 * @returns {Row[]}
 */
export function rows({ messages, entries, atBeginning, older = "", target: wanted = 0, first = 0, me, clock, now, signOf = () => "" }) {
  /** @type {Row[]} */
  const lines = [];
  if (atBeginning && messages.length + entries.length > 0) lines.push({ kind: "begin", key: "begin", sign: "" });
  if (!atBeginning) lines.push({ kind: "older", key: "older", sign: older });
  let day = "";
  /** @type {{by: number, at: number} | null} */
  let group = null;

  /** @param {number} by @param {number} at @returns {boolean} whether this goes on with the group before it */
  const follow = (by, at) => {
    if (clock.day(at) !== day) {
      day = clock.day(at);
      const label = clock.dayLabel(at, now);
      lines.push({ kind: "day", key: `day ${day}`, sign: label, label });
      group = null;
    }
    if (group && group.by === by && at - group.at < GROUP) return true;
    group = { by, at };
    return false;
  };

  let divided = first === 0;
  for (const message of messages) {
    const at = Date.parse(message.timestamp);
    const mine = message.user_id === me.user_id;
    const divides = !divided && !mine && message.seq >= first;
    if (divides) group = null;
    const more = follow(message.user_id, at);
    if (divides) lines.push({ kind: "new", key: "new", sign: "" });
    divided ||= divides;
    const called = !mine && !message.deleted && calls(message, me);
    const target = message.seq === wanted;
    lines.push({ kind: "message", key: `m${message.seq}`, sign: `${message.rev} ${more} ${target} ${signOf(message)}`, message, mine, more, target, called, at });
  }
  // All wait for the first of them.
  const stuck = entries.some(({ state, tries }) => tries >= PATIENCE && state !== "failed" && state !== "sent");
  for (const entry of entries) {
    const more = follow(me.user_id, entry.at);
    // Nothing else looks different for it, and what is drawn again slips away under the finger.
    const slow = (entry.state === "queued" || entry.state === "sending") && now - entry.at >= SLOW;
    lines.push({ kind: "entry", key: entry.clientId, sign: `${entry.state} ${entry.tries} ${more} ${slow} ${stuck} ${signOf({ content: entry.content, ...entry.more })}`, entry, more, slow, stuck });
  }
  return withUniqueKeys(lines);
}

/** Whether a message calls this person, by name or as one of everyone. @param {Message} message @param {Me} me */
function calls({ mentions = [] }, me) {
  return mentions.some(({ user_id }) => user_id === null || user_id === me.user_id);
}

/**
 * A clock that jumped back makes a day come twice. Its second line gets a key of its own.
 * @param {Row[]} lines
 */
function withUniqueKeys(lines) {
  const seen = new Set();
  for (const line of lines) {
    while (seen.has(line.key)) line.key += "+";
    seen.add(line.key);
  }
  return lines;
}
