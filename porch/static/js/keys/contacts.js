/**
 * What this browser knows of accounts, kept: the identity key that is pinned, whether it was compared, and how far their chain of devices
 * had come. What the server tells is held against it.
 */

import { accepted, seen, told, verified } from "./contact_trust.js";
import { verifyChain } from "./device_chain.js";
import { verifierFrom } from "../crypto/public_keys.js";
import { Refused } from "../crypto/refused.js";

/** @typedef {import("./contact_trust.js").Contact} Contact */
/** @typedef {import("./device_chain.js").Chain} Chain */
/** @typedef {import("./device_chain.js").HeldDevice} HeldDevice */
/** @typedef {import("./key_store.js").Account} Account */
/** @typedef {Pick<import("./key_store.js").KeyStore, "account" | "keepAccount">} Store */
/** @typedef {{user_id: number, identity: string | null, entries: unknown[]}} Told what the server says of an account; `identity` is null for one without keys */
/**
 * @typedef {object} Known
 * @property {Contact | null} contact null for an account of which no key was ever seen
 * @property {Chain | null} chain its devices now; null where it has no keys, or others than the pinned ones
 * @property {HeldDevice[]} devices all that were ever believed to be theirs
 * @property {string[]} [former] identity keys that were pinned before
 * @property {boolean} [unsure] of one's own: whether nothing but the server says that the pinned keys are
 */

/** How often a change is tried again that another tab came before. */
const TRIES = 5;
/** Identity keys from before that are remembered: what is locked for them is no fraud. */
const MOST_FORMER = 3;

export class Contacts {
  /** @param {Store} store @param {number} owner whose browser this is */
  constructor(store, owner) {
    this.store = store;
    this.owner = owner;
  }

  /** @param {number} user @returns {Promise<Contact | null>} */
  async get(user) {
    return (await this.store.account(this.owner, user))?.contact ?? null;
  }

  /**
   * Takes in what the server says of an account. One's own counts as verified: another key of one's own is never believed
   * by itself, and the first one is unsure until `confirm`. Raises Refused as `verifyChain` does, `rollback` among others; `entries` for
   * keys without a device.
   * @param {Told} account
   * @returns {Promise<Known>}
   */
  async see({ user_id: user, identity, entries }) {
    return this.change(user, /** @returns {Promise<{kept: Account | null, known: Known}>} */ async (kept) => {
      if (identity === null) return { kept, known: known(kept, kept?.contact ?? null) };
      const first = seen(kept?.contact ?? null, { user, identity });
      const contact = user === this.owner ? { ...first, verified: true } : first;
      if (contact.changed !== null) return { kept: kept && { ...kept, contact }, known: known(kept, contact) };
      const before = kept?.contact.identity === identity ? kept.end : null;
      const chain = await verifyChain({ user, identity: await verifierFrom(identity), entries, known: before });
      if (chain.end === null) throw new Refused("entries");
      const devices = [...new Map([...kept?.devices ?? [], ...chain.devices.values()].map((device) => [device.dev, device])).values()];
      const unsure = kept ? kept.unsure : user === this.owner || undefined;
      const former = formerOf(kept, identity);
      return { kept: { owner: this.owner, user, contact, end: chain.end, devices, former, unsure }, known: { contact, chain, devices, former, unsure } };
    });
  }

  /** As `accepted` of contact_trust.js; one's own is unsure again. @param {number} user @param {string} identity the one that the person was shown */
  accept(user, identity) {
    return this.alter(user, (contact) => accepted(contact, identity), (kept) => ({ end: null, former: formerOf(kept, identity), unsure: user === this.owner || undefined }));
  }

  /** The pinned keys are known to be one's own. @param {number} user */
  confirm(user) {
    return this.alter(user, (contact) => contact, () => ({ unsure: undefined }));
  }

  /** As `verified` of contact_trust.js. @param {number} user @param {string} identity the one whose number was compared */
  verify(user, identity) {
    return this.alter(user, (contact) => verified(contact, identity));
  }

  /** It was said that the key has been replaced. @param {number} user */
  told(user) {
    return this.alter(user, told);
  }

  /**
   * Raises Refused (`user`) for an account of which nothing is known.
   * @param {number} user @param {(contact: Contact) => Contact} how @param {(kept: Account) => Partial<Account>} [more]
   * @returns {Promise<Contact>}
   */
  alter(user, how, more = () => ({})) {
    return this.change(user, async (kept) => {
      if (!kept) throw new Refused("user");
      const contact = how(kept.contact);
      return { kept: { ...kept, ...more(kept), contact }, known: contact };
    });
  }

  /**
   * @template T
   * @param {number} user @param {(kept: Account | null) => Promise<{kept: Account | null, known: T}>} how
   * @returns {Promise<T>}
   */
  async change(user, how) {
    for (let left = TRIES; left > 0; left -= 1) {
      const before = await this.store.account(this.owner, user);
      const { kept, known } = await how(before);
      if (!kept || JSON.stringify(kept) === JSON.stringify(before) || await this.store.keepAccount(kept, before)) return known;
    }
    throw new Refused("busy");
  }
}

/** What is known of an account whose keys are not there, or are not believed. @param {Account | null} kept @param {Contact | null} contact @returns {Known} */
function known(kept, contact) {
  return { contact, chain: null, devices: kept?.devices ?? [], former: kept?.former, unsure: kept?.unsure };
}

/** The identity keys before this one, the newest MOST_FORMER. @param {Account | null} kept @param {string} identity @returns {string[] | undefined} */
function formerOf(kept, identity) {
  if (!kept || kept.contact.identity === identity) return kept?.former;
  return [...kept.former ?? [], kept.contact.identity].slice(-MOST_FORMER);
}
