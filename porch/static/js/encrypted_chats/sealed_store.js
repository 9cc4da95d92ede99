/**
 * What this browser keeps of sealed rooms: the secrets of their links, its own signing key in each, and what it has locked
 * and not yet seen arrive. A database of its own: IndexedDB alone keeps keys that no script can read out.
 */

import { LockedStore } from "../keys/locked_store.js";
import { answer, openDatabase, within } from "../log/outbox_store.js";

/** @import { Database } from "../log/outbox_store.js" */
/** @typedef {import("../crypto/bytes.js").Bytes} Bytes */
/** @typedef {import("../keys/locked_store.js").Writer & {signer: CryptoKey}} Device this browser's key in one room, which cannot be read out; `dev` is its public part */

/** @param {IDBDatabase} made */
function makeStores(made) {
  made.createObjectStore("secrets");
  made.createObjectStore("devices", { keyPath: ["user_id", "chat_id"] });
  made.createObjectStore("locked", { keyPath: "client_id" });
}

/** @extends {LockedStore<Device>} */
export class SealedStore extends LockedStore {
  /** @param {Database} db */
  constructor(db) {
    super(db, "devices");
  }

  static async open() {
    return new SealedStore(await openDatabase("porch-sealed", makeStores));
  }

  /** @param {string} place what `owned` or `arriving` makes of a hash key @returns {Promise<Bytes | undefined>} */
  secret(place) {
    return within(this.db, ["secrets"], (secrets) => answer(secrets.get(place)));
  }

  /** @param {string} place @param {Bytes} secret */
  keep(place, secret) {
    return within(this.db, ["secrets"], async (secrets) => { secrets.put(secret, place); }, { durability: "strict" });
  }

  /** @param {string} place */
  forget(place) {
    return within(this.db, ["secrets"], async (secrets) => { secrets.delete(place); });
  }
}
