/** Whose name is being typed behind the sign for it, and who may be meant. Pure; `naming_view.js` offers them. */

/** @import { Message, Somebody } from "../base/types.js" */

/** Names offered at once. */
const MOST = 8;
const BEGUN = /(?<![\p{L}\p{N}_@])@([^\n@]{0,32})$/u;

/**
 * What is typed of a name before the caret, with the place of the sign before it; null when none is.
 * @param {string} text @param {number} caret
 * @returns {{start: number, begun: string} | null}
 */
export function begunName(text, caret) {
  const match = BEGUN.exec(text.slice(0, caret));
  return match && { start: match.index, begun: match[1] };
}

/**
 * Who may be meant: who spoke last first, then who is here, then members; each once, and never the reader.
 * @param {string} begun
 * @param {{messages: readonly Message[], here: readonly Somebody[], members: readonly Somebody[], everyone: boolean, me: number}} room
 *   `everyone`: whether the reader may call everyone
 * @returns {string[]} names
 */
export function candidates(begun, { messages, here, members, everyone, me }) {
  const wanted = folded(begun);
  /** @type {Map<number, string>} by user */
  const found = new Map();
  const spoke = [...messages].reverse().filter(({ deleted }) => !deleted);
  for (const { user_id, username } of [...spoke, ...here, ...members]) {
    if (user_id !== me && !found.has(user_id) && folded(username).startsWith(wanted)) found.set(user_id, username);
  }
  const names = [...new Set(found.values())];
  if (everyone && "everyone".startsWith(wanted)) names.splice(MOST - 1, Infinity, "everyone");
  return names.slice(0, MOST);
}

/** As the server searches names. @param {string} text */
function folded(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFKC");
}
