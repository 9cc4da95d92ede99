/** The epochs of one encrypted chat in this browser: asked for, followed from the first on, verified, kept, and begun. */

import { beganAt, epochHash, followEpoch, messageKey, newEpoch, verifyEpoch } from "./epoch_keys.js";
import { verifierFrom } from "../crypto/public_keys.js";
import { Refused } from "../crypto/refused.js";
import { keyOf } from "./shares.js";

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("./device_chain.js").HeldDevice} HeldDevice */
/** @typedef {import("./device_keys.js").OwnDevice} OwnDevice */
/** @typedef {import("./epoch_keys.js").Before} Before */
/** @typedef {import("./epoch_keys.js").Epoch} Epoch */
/** @typedef {import("./epoch_keys.js").Member} Member */
/** @typedef {import("./key_store.js").KeptEpoch} KeptEpoch */
/** @typedef {import("./shares.js").Share} Share */
/** @typedef {Epoch & {created_at: string, began_seq: number}} ToldEpoch */
/** @typedef {Pick<import("./key_store.js").KeyStore, "epochs" | "keepEpochs">} Store */

/** Pages of 50 that are asked for at most. */
const MOST_PAGES = 2000;

export class ChatEpochs {
  /**
   * @param {object} room
   * @param {number} room.owner whose browser this is
   * @param {number} room.chat
   * @param {OwnDevice} room.device
   * @param {import("./own_keys.js").Ask} room.ask
   * @param {Store} room.store
   * @param {() => Promise<import("../crypto/hpke.js").Suite>} room.suite
   * @param {(dev: string) => Promise<HeldDevice | undefined>} room.holder a device of one of its members, as it is believed
   */
  constructor({ owner, chat, device, ask, store, suite, holder }) {
    this.owner = owner;
    this.chat = chat;
    this.device = device;
    this.ask = ask;
    this.store = store;
    this.suite = suite;
    this.holder = holder;
    /** @type {Map<number, KeptEpoch>} without gaps */
    this.epochs = new Map();
    /** Whether the keys that were missing when the page was opened have been asked for again. */
    this.askedAgain = false;
    /** @type {Promise<void> | null} */
    this.fetching = null;
  }

  async load() {
    for (const kept of await this.store.epochs(this.owner, this.chat)) if (kept.epoch === this.epochs.size) this.epochs.set(kept.epoch, kept);
  }

  /** @returns {KeptEpoch | null} */
  get newest() {
    return this.epochs.get(this.epochs.size - 1) ?? null;
  }

  /** @param {number} number @returns {Before | null} what comes before this one */
  before(number) {
    const kept = this.epochs.get(number - 1);
    return kept ? { epoch: kept.epoch, hash: kept.hash } : null;
  }

  /**
   * Takes in what came since. Raises Refused as `verifyEpoch` does, and `fork` for another epoch in the place of one that is known.
   * @returns {Promise<void>}
   */
  fetch() {
    this.fetching ??= this.fetchAll().finally(() => { this.fetching = null; });
    return this.fetching;
  }

  /** Asks for an epoch that is not known, and once more for a key that was missing. @param {number} number */
  async seek(number) {
    const known = this.epochs.get(number);
    if (!known || (known.key === null && !this.askedAgain)) await this.fetch();
  }

  async fetchAll() {
    // What has no key here may have got one by now: another device gives the history after it has let this one in.
    const missing = this.askedAgain ? undefined : [...this.epochs.values()].find(({ key }) => key === null);
    this.askedAgain = true;
    let after = missing ? missing.epoch - 1 : this.epochs.size - 1;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      /** @type {{epochs: ToldEpoch[], shares: Share[], more: boolean}} */
      const { epochs, shares, more } = await this.ask("GET", `/chats/${this.chat}/epochs?after=${after}&dev=${this.device.dev}`);
      const learnt = [];
      for (const told of epochs) learnt.push(await this.take(told, shares.find(({ epoch }) => epoch === told.epoch)));
      await this.store.keepEpochs(learnt);
      if (!more || epochs.length === 0) break;
      after = epochs[epochs.length - 1].epoch;
    }
  }

  /** @param {ToldEpoch} told @param {Share | undefined} share @returns {Promise<KeptEpoch>} */
  async take({ created_at, began_seq, ...record }, share) {
    const known = this.epochs.get(record.epoch);
    if (known && known.hash !== (await epochHash(record))) throw new Refused("fork");
    const { epoch, hash, isSigned } = await this.verified(record);
    /** @type {KeptEpoch} */
    const kept = {
      owner: this.owner, chat: this.chat, epoch: epoch.epoch, record: epoch, hash,
      key: known?.key ?? (isSigned ? await this.keyOf(epoch, share) : null),
      began: known?.began ?? beganAt(created_at, Date.now()),
      began_seq,
    };
    this.epochs.set(kept.epoch, kept);
    return kept;
  }

  /** Whether somebody signed it who is believed; those after it can be followed all the same. @param {unknown} record */
  async verified(record) {
    const { epoch: number, by_dev } = /** @type {Epoch} */ (record);
    const expected = { chat: this.chat, by_dev, before: this.before(number) };
    const holder = await this.holder(by_dev);
    const { epoch, before } = holder
      ? await verifyEpoch({ epoch: record, verifier: await verifierFrom(holder.dsk_pub), expected })
      : await followEpoch(record, expected);
    return { epoch, hash: before.hash, isSigned: holder !== undefined };
  }

  /** @param {Epoch} epoch @param {Share | undefined} share @returns {Promise<CryptoKey | null>} null where this device has none, or a damaged one */
  async keyOf(epoch, share) {
    const key = await keyOf(await this.suite(), epoch, share, this.device);
    return key && messageKey(key);
  }

  /**
   * Begins the next epoch, unless somebody else did meanwhile: then that one is taken in.
   * @param {Member[]} members
   * @returns {Promise<boolean>} whether this one began
   */
  async begin(members) {
    const { device, chat, owner } = this;
    const by = { dev: device.dev, signer: device.signing.privateKey };
    const { epoch, key, before } = await newEpoch({ suite: await this.suite(), chat, members, by, before: this.before(this.epochs.size) });
    /** @type {ToldEpoch} */
    let told;
    try {
      told = await this.ask("POST", `/chats/${chat}/epochs`, epoch);
    } catch (error) {
      if (/** @type {{status?: number}} */ (error).status !== 409) throw error;
      await this.fetch();
      return false;
    }
    const kept = { owner, chat, epoch: epoch.epoch, record: epoch, hash: before.hash, key: await messageKey(key), began: Date.now(), began_seq: told.began_seq };
    this.epochs.set(kept.epoch, kept);
    await this.store.keepEpochs([kept]);
    return true;
  }
}
