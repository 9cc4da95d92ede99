/** A host of keys and one direct chat, in memory: it stores what it is sent, in order, as the server does; tests make it cheat. */

import { epochHash } from "../../porch/static/js/keys/epoch_keys.js";
import { hpkeSuite } from "../../porch/static/js/crypto/hpke.js";
import { NO_HASH } from "../../porch/static/js/crypto/fields.js";
import { hashOf } from "../../porch/static/js/crypto/signed.js";
import * as library from "../../porch/static/vendor/hpke.js";

export const CHAT = 7;
export const suite = async () => hpkeSuite(/** @type {any} */ (library));

/** As ApiError, of another class. */
class Answer extends Error {
  /** @param {number} status @param {string} code */
  constructor(status, code) {
    super(code);
    Object.assign(this, { status, code });
  }
}

export class Host {
  constructor(users = [1, 2]) {
    /** @type {Map<number, {identity: string | null, entries: any[], backup: unknown, kinds: Map<string, string>, requests: any[]}>} */
    this.accounts = new Map(users.map((user) => [user, { identity: null, entries: [], backup: null, kinds: new Map(), requests: [] }]));
    /** @type {any[]} */
    this.epochs = [];
    /** @type {any[]} */
    this.shares = [];
    /** @type {any[]} */
    this.messages = [];
    /** @type {number[]} where each epoch began */
    this.began = [];
    /** Milliseconds by which its clock is wrong. */
    this.wrong = 0;
    /** Places in the log of which nobody is told. */
    this.skipped = 0;
    /** @type {string[]} what was asked for */
    this.asked = [];
    /** Runs before a request of this kind is answered. @type {Map<string, () => unknown>} */
    this.before = new Map();
  }

  /** How somebody's browser asks. @param {number} user */
  asker(user) {
    return async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
      const kind = `${method} ${path.replace(/\?.*/u, "")}`;
      this.asked.push(kind);
      await this.before.get(kind)?.();
      // What is sent is text.
      const told = await this.answer(user, kind, new URLSearchParams(path.split("?")[1]), body && JSON.parse(JSON.stringify(body)));
      return JSON.parse(JSON.stringify(told));
    };
  }

  /** The newest place. */
  get head() {
    return this.messages.length + this.skipped;
  }

  /** @param {number} user */
  account(user) {
    return /** @type {NonNullable<ReturnType<typeof this.accounts.get>>} */ (this.accounts.get(user));
  }

  /** @param {number} user @param {string} kind @param {URLSearchParams} query @param {any} body @returns {Promise<any>} */
  async answer(user, kind, query, body) {
    const account = this.account(user);
    const { identity, entries, backup, kinds, requests } = account;
    switch (kind) {
      case "GET /keys": return { user_id: user, identity, entries, backup, requests, devices: [...kinds].map(([dev, what]) => ({ dev, kind: what, label: "" })) };
      case "POST /keys":
        if (identity) throw new Answer(409, "conflict");
        Object.assign(account, body);
        body.entries.forEach((/** @type {any} */ { dev }, /** @type {number} */ at) => kinds.set(dev, ["browser", "recovery"][at]));
        return this.answer(user, "GET /keys", query, null);
      case "POST /keys/entries":
        if (body.entry.n !== entries.length) throw new Answer(409, "conflict");
        entries.push(body.entry);
        account.requests = requests.filter(({ dev }) => dev !== body.entry.dev);
        if (body.backup) account.backup = body.backup;
        if (body.entry.act === "add") kinds.set(body.entry.dev, body.kind);
        else kinds.delete(body.entry.dev);
        return { n: body.entry.n };
      case "POST /keys/requests":
        requests.push(body);
        return body;
      case "GET /keys/epochs": return { epochs: this.epochs.map((epoch, id) => ({ id: id + 1, epoch })).filter(({ id }) => id > Number(query.get("after"))), more: false };
      case `GET /chats/${CHAT}/keys`:
        return { encryption: this.epochs.length > 0 ? "e2e" : "none", members: [...this.accounts].map(([user_id, { identity: key, entries: chain }]) => ({ user_id, identity: key, entries: chain })) };
      case `GET /chats/${CHAT}/epochs`: {
        const told = this.epochs.filter(({ epoch }) => epoch > Number(query.get("after")));
        const [page, numbers] = [told.slice(0, 2), new Set(told.slice(0, 2).map(({ epoch }) => epoch))];
        const shares = this.shares.filter(({ dev, share }) => dev === query.get("dev") && numbers.has(share.epoch)).map(({ share }) => share);
        return { epochs: page.map((epoch) => ({ ...epoch, created_at: new Date(Date.now() + this.wrong).toISOString(), began_seq: this.began[epoch.epoch] })), shares, more: told.length > 2 };
      }
      case `POST /chats/${CHAT}/epochs`: {
        const isCurrent = await this.isCurrent(body);
        const newest = this.epochs.at(-1);
        const hash = newest ? await epochHash(newest) : NO_HASH;
        if (newest && hash === await epochHash(body)) return { ...body, began_seq: this.began[newest.epoch] };
        if (body.epoch !== this.epochs.length || body.prev_epoch_hash !== hash || !isCurrent) throw new Answer(409, "conflict");
        this.epochs.push(body);
        this.began.push(this.head);
        return { ...body, began_seq: this.head };
      }
      case `GET /chats/${CHAT}/messages`: return { messages: this.messages, more: false };
      case `POST /chats/${CHAT}/shares`:
        for (const share of body.shares) this.shares.push({ dev: body.dev, share });
        return null;
      default: throw new Answer(404, "not_found");
    }
  }

  /** Whether an epoch names the ends of the chains that are told now. @param {{members: {user: number, end: string}[]}} epoch */
  async isCurrent({ members }) {
    for (const { user, end } of members) {
      const newest = this.account(user).entries.at(-1);
      if (!newest) return false;
      const { sig, ...fields } = newest;
      if (end !== await hashOf("porch/v1/device-hash", Object.values(fields), sig)) return false;
    }
    return true;
  }

  /** What a browser sends, once its line has locked it. @param {number} user @param {any} body */
  async store(user, body) {
    const newest = this.epochs.at(-1);
    if (body.envelope && (body.envelope.epoch !== newest?.epoch || !(await this.isCurrent(newest)))) throw new Answer(409, "epoch_passed");
    const seq = this.head + 1;
    const message = { chat_id: CHAT, seq, rev: seq, user_id: user, username: `Person ${user}`, content: "", deleted: false, edited_at: null, ...JSON.parse(JSON.stringify(body)) };
    this.messages.push(message);
    return { ...message };
  }
}
