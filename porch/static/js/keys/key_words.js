/** What is said of one's keys, and of what was refused. Pure. */

import { ApiError } from "../base/api.js";
import { gettext } from "../base/gettext.js";

/** @import { OwnKeys } from "./own_keys.js" */

/** @param {Pick<OwnKeys, "state">} keys */
export function keysWord({ state }) {
  switch (state) {
    case "ready":
      return gettext("This browser has your keys.");
    case "new":
      return gettext("This browser does not have your keys yet.");
    case "let_in":
      return gettext("This browser is said to have your keys. Nothing is read or sent with them until you have said so yourself.");
    case "changed":
      return gettext("This site tells other keys for your account than this browser knows. Either you began anew somewhere else, or somebody who can change this site’s data is trying to read your chats. Nothing is signed or sent from here until it tells the right ones again.");
    case "gone":
      return gettext("Your account has no keys any more: they were given up, perhaps by you in another browser. What was encrypted with them is closed to browsers that did not open it before. You can make new ones; the people you write with are told.");
    case "insecure":
      return gettext("This address begins with http: browsers only lend keys to pages that came by https. Open this site by https to encrypt.");
    default:
      return gettext("This browser cannot keep keys: it is too old, or it keeps no data, as in a private window. Encrypted chats stay closed here.");
  }
}

const REFUSED = new Map([
  ["recovery_characters", gettext("There is a character in it that no recovery key has.")],
  ["recovery_length", gettext("A recovery key has 56 letters and digits: some are missing, or too many.")],
  ["recovery_checksum", gettext("This is not a recovery key: one of its letters is another. Compare it once more.")],
  ["recovery_unknown", gettext("This is not the recovery key of this account, or it was replaced by another.")],
  ["key", gettext("This is not the recovery key of this account.")],
  ["backup", gettext("This site does not give out what your recovery key opens, so nobody can tell whether its keys are yours. Nothing was done.")],
  ["identity", gettext("This site tells other keys for your account than this recovery key belongs to. Nothing was done.")],
]);

/** @param {unknown} error */
export function refusedWord(error) {
  if (error instanceof ApiError) return error.message;
  const code = /** @type {{code?: string}} */ (error)?.code ?? "";
  return REFUSED.get(code) ?? gettext("What this site told of your keys does not hold together. Nothing was done.");
}
