/** What a direct chat's page says about who can read it, and what it offers. Pure: `seal_view.js` shows it. */

import { filled } from "../base/filled.js";
import { gettext } from "../base/gettext.js";

/** @import { Contact } from "../keys/contact_trust.js" */
/** @import { Way } from "./direct_line.js" */
/** @import { Sentence } from "../chats/people.js" */

/** @typedef {"accept" | "told" | "reload" | "verify" | "account"} Choice `verify` and `account` lead to pages */
/** @typedef {{words: Sentence, choices: Choice[]}} SealNotice */
/**
 * @typedef {object} Seal
 * @property {Way} way
 * @property {Contact | null} contact the other, as this browser knows them
 * @property {string} name theirs
 * @property {boolean} withGuest
 * @property {boolean} [hasLeft] whether they are gone for good, which the page says by itself
 * @property {boolean} [isStrange] whether what was written last is locked for others than this browser knows
 */

/** @type {Record<Choice, string>} */
export const CHOICES = {
  accept: gettext("Accept the new key"),
  told: gettext("Understood"),
  reload: gettext("Reload"),
  verify: gettext("Compare keys"),
  account: gettext("Your keys"),
};

/** What stands under the title. @param {Pick<Seal, "way" | "contact">} seal @returns {{words: string, kind: "open" | "locked" | "verified" | "shut"} | null} null while nobody knows */
export function sealOf({ way, contact }) {
  if (way === "unknown") return null;
  if (way === "plain") return { words: gettext("Not encrypted"), kind: "open" };
  if (way !== "encrypted") return { words: gettext("Nothing is sent"), kind: "shut" };
  return contact?.verified ? { words: gettext("Encrypted, verified"), kind: "verified" } : { words: gettext("Encrypted"), kind: "locked" };
}

/** What is said above the log. @param {Seal} seal @returns {SealNotice | null} */
export function sealNotice({ way, contact, name, hasLeft = false, isStrange = false }) {
  const about = (/** @type {string} */ text, /** @type {Choice[]} */ ...choices) => ({ words: filled(text, { name: { name } }), choices });
  switch (way) {
    case "changed": return about(gettext("%(name)s has another key than the one you compared. They may have begun anew, or somebody else wants to read along. Nothing is sent until you have accepted it."), "verify", "accept");
    case "no_keys": return hasLeft ? null : about(gettext("The host says that %(name)s has no keys any more. What you write here is encrypted, so nothing is sent."));
    case "new": return about(gettext("This browser does not have your keys yet, so it can neither read nor write here. Let it in by another browser of yours, or by your recovery key."), "account");
    case "let_in": return about(gettext("This site says that another browser of yours has let this one in, and only you know whether that is true. Say on the page of your keys whether it was you. Until then nothing is opened or sent here."), "account");
    case "own_changed": return about(gettext("The host shows other keys for your account than this browser knows. If you did not begin anew elsewhere, somebody wants to read along. Nothing is sent."), "account");
    case "insecure": return about(gettext("This conversation is encrypted, and this page came without https, so that browsers lock and open nothing. Open it by an address that begins with https. Nothing is sent."));
    case "unable": return about(gettext("This conversation is encrypted, and this browser cannot lock and open messages: it is too old, or keeps nothing in a private window. Nothing is sent."));
    case "refused": return about(gettext("What the host says about the devices of the two of you cannot be right: an entry was changed or taken back. Nothing is sent."), "reload");
    default:
  }
  if (isStrange && way === "encrypted") return about(gettext("What was written here last is locked for other keys, too, than this browser knows of %(name)s and you. One of you may have begun anew; or the host shows each of you other keys, and reads along. Compare keys to be sure."), "verify");
  if (contact?.replaced) return about(gettext("%(name)s has a new key: they may have begun anew, or somebody else wants to read along. Compare keys to be sure."), "verify", "told");
  return null;
}

/** What the panel says. @param {Pick<Seal, "way" | "contact" | "withGuest">} seal @returns {string} */
export function sealExplained({ way, contact, withGuest }) {
  if (way === "plain") {
    return withGuest ? gettext("This conversation is not encrypted: whoever runs this site could read it. Guests have no keys; between two accounts it is encrypted.")
      : gettext("This conversation is not encrypted yet: whoever runs this site could read it. It will be as soon as both of you have been here with a browser that can, over https.");
  }
  const locked = gettext("What is written here is locked in your browsers. Whoever runs this site cannot read it; they see who writes when, and about how much.");
  if (contact?.verified && contact.changed === null) return `${locked} ${gettext("You have compared keys: nobody is between you.")}`;
  return `${locked} ${gettext("To be sure that nobody is between you, compare keys once.")}`;
}
