/** What this browser knows of a contact's identity key, and whether one may write to them. Pure: where it is kept is another's business. */

import { Refused } from "../crypto/refused.js";

/**
 * @typedef {object} Contact
 * @property {number} user
 * @property {string} identity the key that is pinned: what is sealed for them is sealed for devices that it signed
 * @property {boolean} verified whether the safety number was compared
 * @property {string | null} changed another key that the server told: of a verified contact, and not accepted yet
 * @property {string | null} replaced the key before, until it was said that there is another
 */
/** @typedef {"encrypted" | "plain" | "changed" | "no_keys"} Way how one may write: sealed, readable by the host, or (the last two) not at all */

/**
 * What is known of a contact after the server told their key: the first is pinned, another one replaces that of a contact who was never
 * verified, and has to be accepted of one who was. Raises Refused (`user`) for somebody else's.
 * @param {Contact | null} contact null at first sight
 * @param {{user: number, identity: string}} told
 * @returns {Contact}
 */
export function seen(contact, { user, identity }) {
  if (!contact) return { user, identity, verified: false, changed: null, replaced: null };
  if (contact.user !== user) throw new Refused("user");
  if (contact.identity === identity) return { ...contact, changed: null };
  if (contact.verified) return { ...contact, changed: identity };
  return { ...contact, identity, replaced: contact.replaced ?? contact.identity };
}

/**
 * The key that was asked about is theirs from now on, and not verified. Raises Refused (`changed`) when it is another by now.
 * @param {Contact} contact @param {string} identity the one that the person was shown
 * @returns {Contact}
 */
export function accepted(contact, identity) {
  if (contact.changed !== identity) throw new Refused("changed");
  return { ...contact, identity, verified: false, changed: null, replaced: null };
}

/**
 * The safety number was compared. Raises Refused (`changed`) when another key is pinned than the number was of, or one waits.
 * @param {Contact} contact @param {string} identity
 * @returns {Contact}
 */
export function verified(contact, identity) {
  if (contact.identity !== identity || contact.changed !== null) throw new Refused("changed");
  return { ...contact, verified: true, replaced: null };
}

/** It was said that a key has been replaced. @param {Contact} contact @returns {Contact} */
export function told(contact) {
  return { ...contact, replaced: null };
}

/**
 * How one may write to somebody. A contact whose key was once seen, and a chat that was once encrypted, never get anything readable again,
 * whatever the server says.
 * @param {Contact | null} contact
 * @param {{hasKeys: boolean, wasEncrypted: boolean}} chat whether the server has keys of theirs now; whether anything here was ever sealed
 * @returns {Way}
 */
export function wayToWrite(contact, { hasKeys, wasEncrypted }) {
  if (!contact) return wasEncrypted || hasKeys ? "no_keys" : "plain";
  if (contact.changed !== null) return "changed";
  return hasKeys ? "encrypted" : "no_keys";
}
