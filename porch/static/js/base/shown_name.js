/**
 * What somebody is called on this page. Of a deleted account the server tells a word that nobody can be called by, in English to
 * everybody: `peers.py`.
 */

import { gettext } from "./gettext.js";

const DELETED_ACCOUNT = "Deleted account";

/** @param {string} username @returns {string} */
export function shownName(username) {
  return username === DELETED_ACCOUNT ? gettext("Deleted account") : username;
}

/** A direct chat is called as the other person is. @param {{kind: string, name: string}} chat @returns {string} */
export function chatName({ kind, name }) {
  return kind === "direct" ? shownName(name) : name;
}
