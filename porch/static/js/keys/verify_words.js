/** What the page on which keys are compared says of a contact. Pure. */

import { gettext } from "../base/gettext.js";

/** @typedef {import("./contact_trust.js").Contact} Contact */

/**
 * @param {Contact | null} contact null for somebody without keys
 * @param {string} name
 * @returns {{word: string, notice: string}} how it stands; and what has happened, empty for nothing
 */
export function verifyWord(contact, name) {
  if (!contact) return { word: gettext("%(name)s has no keys yet: nothing is encrypted between you until they have been here with a browser that can.", { name }), notice: "" };
  if (contact.changed !== null) {
    return {
      word: gettext("This is the number of the new keys."),
      notice: gettext("The keys of %(name)s have changed since you compared them. They may have lost all their browsers and begun anew; it may also be that somebody poses as them. Nothing is sent until you have decided. Compare this number with them before you take the new keys.", { name }),
    };
  }
  const notice = contact.replaced === null ? "" : gettext("The keys of %(name)s were replaced by others since you first wrote to each other. You had never compared them. Do so now.", { name });
  if (contact.verified) return { word: gettext("You have compared this number with %(name)s in this browser. If their keys ever change, you are told, and nothing is sent until you have decided.", { name }), notice };
  return { word: gettext("You have not compared this number yet. It is the one between you and %(name)s:", { name }), notice };
}
