/** The two people of a direct chat, as this browser knows them by now: their keys, their devices, and how both stand in the chat's epochs. */

import { Contacts } from "./contacts.js";
import { activeDevices } from "./device_chain.js";
import { verifierFrom } from "../crypto/public_keys.js";
import { Refused } from "../crypto/refused.js";
import { isStrange, isWithheld } from "./strange_epoch.js";

/** @import { Known, Told } from "./contacts.js" */
/** @import { HeldDevice } from "./device_chain.js" */
/** @import { OwnDevice } from "./device_keys.js" */
/** @import { Epoch, Member } from "./epoch_keys.js" */
/** @import { KeyStore } from "./key_store.js" */

/** @typedef {{user: number, device: HeldDevice}} Holder */

export class TwoPeople {
  /** @param {number} userId whose browser this is @param {number} peerId */
  constructor(userId, peerId) {
    this.userId = userId;
    this.peerId = peerId;
    /** @type {Map<number, Known>} */
    this.known = new Map();
    /** @type {Map<string, Promise<CryptoKey>>} by device */
    this.verifiers = new Map();
  }

  /** What was kept of them. @param {KeyStore} kept */
  async load(kept) {
    for (const user of [this.userId, this.peerId]) {
      const account = await kept.account(this.userId, user);
      if (account) this.known.set(user, { contact: account.contact, chain: null, devices: account.devices, former: account.former, unsure: account.unsure });
    }
  }

  /** Takes in what the server says of both. Raises Refused as `Contacts.see` does. @param {KeyStore} kept @param {Told} own @param {Told} peer */
  async see(kept, own, peer) {
    const contacts = new Contacts(kept, this.userId);
    this.known.set(this.peerId, await contacts.see(peer));
    this.known.set(this.userId, await contacts.see(own));
  }

  /** @param {number} user @returns {Known} */
  of(user) {
    return this.known.get(user) ?? { contact: null, chain: null, devices: [] };
  }

  get own() {
    return this.of(this.userId);
  }

  get peer() {
    return this.of(this.peerId);
  }

  get both() {
    return [this.userId, this.peerId].map((user) => ({ user, ...this.of(user) }));
  }

  /** Both with their devices now. Raises Refused where one has none. @returns {Member[]} */
  get members() {
    return this.both.map(({ user, contact, chain }) => {
      if (!contact || !chain?.end) throw new Refused("no_keys");
      return { user, identity: contact.identity, end: chain.end.hash, devices: activeDevices(chain) };
    });
  }

  /** Whether a device is one of this person's, as the host says. @param {OwnDevice | null} device */
  isLetIn(device) {
    const { chain, devices } = this.own;
    return device !== null && [...chain?.devices.values() ?? devices].some(({ dev, revoked }) => dev === device.dev && !revoked);
  }

  /** Whether the host says so alone. @param {OwnDevice | null} device */
  isUnsure(device) {
    return this.own.unsure === true && this.isLetIn(device);
  }

  /** Whose a device is. @param {string} dev @returns {Holder | undefined} */
  holder(dev) {
    for (const [user, { devices }] of this.known) {
      const device = devices.find((one) => one.dev === dev);
      if (device) return { user, device };
    }
    return undefined;
  }

  /** @param {HeldDevice} device */
  verifier({ dev, dsk_pub }) {
    const known = this.verifiers.get(dev) ?? verifierFrom(dsk_pub);
    this.verifiers.set(dev, known);
    return known;
  }

  /** Whether the newest of these epochs is for others than this browser knows the two to be. @param {Epoch[]} epochs */
  isStrange(epochs) {
    return epochs.length > 0 && isStrange(epochs, this.both);
  }

  /** Whether the host tells less of somebody's devices than an epoch says there is. @param {Epoch[]} epochs */
  isWithheld(epochs) {
    return isWithheld(epochs, this.both);
  }
}
