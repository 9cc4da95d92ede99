/** What the log shows, line by line, from the loaded messages and the outbox. Pure; `feed_view.js` draws it. */

/** @import { Message, Me } from "./types.js" */
/** @import { Entry } from "./outbox.js" */
/** @import { Clock } from "./time.js" */

/**
 * @typedef {{kind: "begin", key: string, sign: string}
 *   | {kind: "older", key: string, sign: Older}
 *   | {kind: "day", key: string, sign: string, label: string}
 *   | {kind: "message", key: string, sign: string, message: Message, mine: boolean, more: boolean, target: boolean, at: number}
 *   | {kind: "entry", key: string, sign: string, entry: Entry, more: boolean, slow: boolean}} Row
 *   `key` stays with a line for its life; `sign` changes when it has to be drawn again
 */

/** @typedef {"" | "loading" | "failed"} Older what to say of the messages before the first; "" keeps their line free */

/** Messages of one person stand in one group until this long after its first. */
const GROUP = 5 * 60_000;
/** How long a message may be under way before the page says so. */
export const SLOW = 300;

/**
 * @param {{messages: readonly Message[], entries: readonly Entry[], atBeginning: boolean, older?: Older, target?: number, me: Me, clock: Clock, now: number}} log `target`: the seq that a permalink leads to
 * @returns {Row[]}
 */
export function rows({ messages, entries, atBeginning, older = "", target: wanted = 0, me, clock, now }) {
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

  for (const message of messages) {
    const at = Date.parse(message.timestamp);
    const more = follow(message.user_id, at);
    const mine = message.user_id === me.user_id;
    const target = message.seq === wanted;
    lines.push({ kind: "message", key: `m${message.seq}`, sign: `${message.rev} ${more} ${target}`, message, mine, more, target, at });
  }
  for (const entry of entries) {
    const more = follow(me.user_id, entry.at);
    // Nothing else looks different for it, and what is drawn again slips away under the finger.
    const slow = (entry.state === "queued" || entry.state === "sending") && now - entry.at >= SLOW;
    lines.push({ kind: "entry", key: entry.clientId, sign: `${entry.state} ${entry.tries} ${more} ${slow}`, entry, more, slow });
  }
  return withUniqueKeys(lines);
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
