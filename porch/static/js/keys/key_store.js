/** What this browser keeps of keys: its own, the recovery key until it was saved, what it knows of accounts, and the keys of chats. */

import { forgetDevice, keepDevice, loadDevice, makeDevice } from "./device_keys.js";
import { keyDatabase } from "./key_database.js";
import { LockedStore } from "./locked_store.js";
import { answer, within } from "../log/outbox_store.js";

/** @import { Database } from "../log/outbox_store.js" */

/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("./contact_trust.js").Contact} Contact */
/** @typedef {import("./device_chain.js").End} End */
/** @typedef {import("./device_chain.js").HeldDevice} HeldDevice */
/** @typedef {import("./device_keys.js").OwnDevice} OwnDevice */
/** @typedef {import("./epoch_keys.js").Epoch} Epoch */
/**
 * @typedef {object} Account what one person's browser knows of an account, their own included
 * @property {number} owner whose browser it is
 * @property {number} user whose account
 * @property {Contact} contact
 * @property {End | null} end of its chain, as it was seen last; never gone back behind
 * @property {HeldDevice[]} devices all that were ever in a chain of theirs that was believed: what they signed stays readable
 * @property {string[]} [former] identity keys that were pinned before
 * @property {boolean} [unsure] of the owner's own: whether nothing but the server says that the pinned keys are
 */
/**
 * @typedef {object} KeptEpoch
 * @property {number} owner
 * @property {number} chat
 * @property {number} epoch
 * @property {Epoch} record
 * @property {string} hash
 * @property {CryptoKey | null} key cannot be read out; null while this device has none
 * @property {number} began milliseconds, by this browser's clock, as `beganAt` of epoch_keys.js has it
 * @property {number} began_seq the place of the first message that may be in it
 */
/**
 * @typedef {object} KeptChat a chat where something sealed was seen
 * @property {number} owner
 * @property {number} chat
 * @property {number} since the place of the first such message, 0 for none yet
 * @property {{seq: number, hash: string}} [seen] the newest that was opened, and the hash of its envelope
 */

/** @extends {LockedStore<import("./locked_store.js").Writer>} */
export class KeyStore extends LockedStore {
  /** @param {Database} db */
  constructor(db) {
    super(db, "counters");
  }

  static async open() {
    return new KeyStore(await keyDatabase());
  }

  /** As `loadDevice`. @param {number} user */
  device(user) {
    return loadDevice(this.db, user);
  }

  /** The device that this browser is for an account, made now if it is none yet. @param {number} user @returns {Promise<OwnDevice>} */
  async ownDevice(user) {
    return await this.device(user) ?? keepDevice(this.db, await makeDevice(user));
  }

  /** @param {number} user */
  forgetDevice(user) {
    return forgetDevice(this.db, user);
  }

  /** @param {number} owner @param {number} user @returns {Promise<Account | null>} */
  account(owner, user) {
    return within(this.db, ["accounts"], async (accounts) => await answer(accounts.get([owner, user])) ?? null);
  }

  /**
   * @param {Account} account @param {Account | null} before as it was read
   * @returns {Promise<boolean>} false when another tab has changed it since
   */
  keepAccount(account, before) {
    return within(this.db, ["accounts"], async (accounts) => {
      const there = await answer(accounts.get([account.owner, account.user])) ?? null;
      if (JSON.stringify(there) !== JSON.stringify(before)) return false;
      accounts.put(account);
      return true;
    }, { durability: "strict" });
  }

  /** @param {number} owner @param {string} dev of the recovery key's device @returns {Promise<Bytes | null>} */
  recovery(owner, dev) {
    return within(this.db, ["recovery"], async (kept) => (await answer(kept.get([owner, dev])))?.secret ?? null);
  }

  /** @param {number} owner @param {string} dev @param {Bytes} secret */
  keepRecovery(owner, dev, secret) {
    return within(this.db, ["recovery"], async (kept) => { kept.put({ owner, dev, secret }); }, { durability: "strict" });
  }

  /** All recovery keys of an account. @param {number} owner */
  forgetRecovery(owner) {
    return within(this.db, ["recovery"], async (kept) => { kept.delete(IDBKeyRange.bound([owner], [owner, []])); }, { durability: "strict" });
  }

  /** @param {number} owner @param {number} chat @returns {Promise<KeptChat | null>} */
  chat(owner, chat) {
    return within(this.db, ["chats"], async (chats) => await answer(chats.get([owner, chat])) ?? null);
  }

  /** Something sealed was seen: from now on nothing readable is sent there. @param {number} owner @param {number} chat @param {number} since 0 for no message yet */
  keepChat(owner, chat, since) {
    return within(this.db, ["chats"], async (chats) => {
      const there = await answer(chats.get([owner, chat]));
      const first = Math.min(there?.since || Infinity, since || Infinity);
      chats.put({ ...there, owner, chat, since: Number.isFinite(first) ? first : 0 });
    }, { durability: "strict" });
  }

  /** How far a chat was read; never less than before. @param {number} owner @param {number} chat @param {{seq: number, hash: string}} seen */
  keepSeen(owner, chat, seen) {
    return within(this.db, ["chats"], async (chats) => {
      const there = await answer(chats.get([owner, chat]));
      if (there && seen.seq > (there.seen?.seq ?? 0)) chats.put({ ...there, seen });
    });
  }

  /** In their order. @param {number} owner @param {number} chat @returns {Promise<KeptEpoch[]>} */
  epochs(owner, chat) {
    return within(this.db, ["epochs"], (epochs) => answer(epochs.getAll(IDBKeyRange.bound([owner, chat], [owner, chat, []]))));
  }

  /** Keeps what was learnt of epochs; a key that is there stays. @param {KeptEpoch[]} learnt */
  keepEpochs(learnt) {
    return within(this.db, ["epochs"], async (epochs) => {
      for (const one of learnt) {
        const there = await answer(epochs.get([one.owner, one.chat, one.epoch]));
        if (!there || (one.key && !there.key)) epochs.put(there ? { ...one, began: there.began } : one);
      }
    }, { durability: "strict" });
  }
}
