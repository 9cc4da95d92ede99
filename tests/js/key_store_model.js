/** What key_store.js promises, in a few lines of memory: the browser of one person. */

import { makeDevice } from "../../porch/static/js/keys/device_keys.js";

/** @typedef {import("../../porch/static/js/keys/key_store.js").Account} Account */
/** @typedef {import("../../porch/static/js/keys/key_store.js").KeptEpoch} KeptEpoch */
/** @typedef {import("../../porch/static/js/crypto/envelope.js").Envelope} Envelope */

export class KeyStoreModel {
  constructor() {
    /** @type {Map<string, any>} */
    this.kept = new Map();
  }

  /** As the type that pages know. @returns {any} */
  get asStore() {
    return this;
  }

  /** @param {number} user */
  async device(user) {
    return this.kept.get(`device ${user}`) ?? null;
  }

  /** @param {number} user */
  async ownDevice(user) {
    const made = await this.device(user) ?? await makeDevice(user);
    this.kept.set(`device ${user}`, made);
    return made;
  }

  /** @param {number} user */
  async forgetDevice(user) {
    this.kept.delete(`device ${user}`);
  }

  /** @param {number} owner @param {number} user */
  async account(owner, user) {
    return this.kept.get(`account ${owner} ${user}`) ?? null;
  }

  /** @param {Account} account @param {Account | null} before */
  async keepAccount(account, before) {
    const there = await this.account(account.owner, account.user);
    if (JSON.stringify(there) !== JSON.stringify(before)) return false;
    this.kept.set(`account ${account.owner} ${account.user}`, account);
    return true;
  }

  /** @param {number} owner @param {string} dev */
  async recovery(owner, dev) {
    return this.kept.get(`recovery ${owner} ${dev}`) ?? null;
  }

  /** @param {number} owner @param {string} dev @param {Uint8Array} secret */
  async keepRecovery(owner, dev, secret) {
    this.kept.set(`recovery ${owner} ${dev}`, secret);
  }

  /** @param {number} owner */
  async forgetRecovery(owner) {
    for (const name of this.kept.keys()) if (name.startsWith(`recovery ${owner} `)) this.kept.delete(name);
  }

  /** @param {number} owner @param {number} chat */
  async chat(owner, chat) {
    return this.kept.get(`chat ${owner} ${chat}`) ?? null;
  }

  /** @param {number} owner @param {number} chat @param {number} since */
  async keepChat(owner, chat, since) {
    const there = await this.chat(owner, chat);
    const first = Math.min(there?.since || Infinity, since || Infinity);
    this.kept.set(`chat ${owner} ${chat}`, { ...there, owner, chat, since: Number.isFinite(first) ? first : 0 });
  }

  /** @param {number} owner @param {number} chat @param {{seq: number, hash: string}} seen */
  async keepSeen(owner, chat, seen) {
    const there = await this.chat(owner, chat);
    if (there && seen.seq > (there.seen?.seq ?? 0)) this.kept.set(`chat ${owner} ${chat}`, { ...there, seen });
  }

  /** @param {number} owner @param {number} chat @returns {Promise<KeptEpoch[]>} */
  async epochs(owner, chat) {
    return [...this.kept].flatMap(([name, value]) => name.startsWith(`epoch ${owner} ${chat} `) ? [value] : []).sort((a, b) => a.epoch - b.epoch);
  }

  /** @param {KeptEpoch[]} learnt */
  async keepEpochs(learnt) {
    for (const one of learnt) {
      const name = `epoch ${one.owner} ${one.chat} ${one.epoch}`;
      const there = this.kept.get(name);
      if (!there || (one.key && !there.key)) this.kept.set(name, there ? { ...one, began: there.began } : one);
    }
  }

  /** @param {number} user @param {number} chat @param {() => Promise<object>} make @param {string} [dev] */
  async writer(user, chat, make, dev) {
    const there = this.kept.get(`writer ${user} ${chat}`);
    if (there && (dev === undefined || there.dev === dev)) return there;
    const made = { user_id: user, chat_id: chat, ctr: 0, ...await make() };
    this.kept.set(`writer ${user} ${chat}`, made);
    return made;
  }

  /** @param {string} id @returns {Promise<Envelope | undefined>} */
  async locked(id) {
    return this.kept.get(`locked ${id}`);
  }

  /** @param {{user_id: number, chat_id: number}} writer @param {Envelope} envelope @param {boolean} again */
  async count({ user_id, chat_id }, envelope, again) {
    const writer = this.kept.get(`writer ${user_id} ${chat_id}`);
    if (writer?.dev !== envelope.dev || writer.ctr !== envelope.ctr - 1) return false;
    this.kept.set(`writer ${user_id} ${chat_id}`, { ...writer, ctr: envelope.ctr, open: [...writer.open ?? [], envelope.ctr] });
    if (again) this.kept.set(`locked ${envelope.client_id}`, envelope);
    return true;
  }

  /** @param {Envelope} envelope */
  async replace(envelope) {
    if (this.kept.get(`locked ${envelope.client_id}`)?.ctr === envelope.ctr) this.kept.set(`locked ${envelope.client_id}`, envelope);
  }

  /** @param {{user_id: number, chat_id: number}} place @param {Envelope} envelope @param {number[]} told */
  async arrived({ user_id, chat_id }, envelope, told) {
    const writer = this.kept.get(`writer ${user_id} ${chat_id}`);
    this.kept.delete(`locked ${envelope.client_id}`);
    this.kept.set(`writer ${user_id} ${chat_id}`, { ...writer, open: writer.open.filter((/** @type {number} */ ctr) => ctr !== envelope.ctr && !told.includes(ctr)) });
  }
}
