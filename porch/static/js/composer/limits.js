/** What a message may hold. The server decides; asking here first saves a refusal. */

import { gettext, LANGUAGE } from "../base/gettext.js";

const LONGEST_CONTENT = 10_000;
const LARGEST_CONTENT = 32 * 1024;

/** @param {string} content */
export function codePoints(content) {
  return Array.from(content.normalize("NFC")).length;
}

/**
 * The text as it is sent: without the empty lines around it. Empty when there is nothing to say.
 * @param {string} typed
 */
export function tidy(typed) {
  return typed.replace(/\r\n?/g, "\n").replace(/^(?:[ \t]*\n)+|\s+$/g, "");
}

/**
 * Why a message cannot be sent, in words for its author, or null.
 * @param {string} content
 * @returns {string | null}
 */
export function refusal(content) {
  const length = codePoints(content);
  if (length > LONGEST_CONTENT) {
    return gettext("This is %(length)s characters long; a message holds %(limit)s.", {
      length: length.toLocaleString(LANGUAGE), limit: LONGEST_CONTENT.toLocaleString(LANGUAGE),
    });
  }
  if (new TextEncoder().encode(content).length > LARGEST_CONTENT) {
    return gettext("This is too long for one message; send it in two.");
  }
  return null;
}
