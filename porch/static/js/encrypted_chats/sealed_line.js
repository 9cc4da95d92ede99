/** The line of a sealed room: one key for all, out of the room's link, and a signing key of each browser's own. */

import { fromBase64url, toBase64url } from "../crypto/bytes.js";
import { EnvelopeLine } from "./envelope_line.js";
import { gettext } from "../base/gettext.js";
import { Refused } from "../crypto/refused.js";

/** @import { Head } from "../crypto/envelope.js" */
/** @import { SealedStore } from "./sealed_store.js" */

const EPOCH = 0;

export class SealedLine extends EnvelopeLine {
  /**
   * @param {object} room
   * @param {number} room.chatId
   * @param {number} room.userId
   * @param {import("../keys/own_keys.js").Ask} room.ask
   * @param {SealedStore | null} room.store
   * @param {CryptoKey | null} room.key null where the link's secret is not known: nothing is opened, and nothing goes out
   * @param {(hashKey: string) => void} room.renewed the room has another link
   */
  constructor({ chatId, userId, ask, store, key, renewed }) {
    super({ chatId, userId, ask });
    this.kept = store;
    this.key = key;
    this.renewed = renewed;
    /** @type {Map<string, Promise<CryptoKey>>} by device */
    this.verifiers = new Map();
  }

  async store() {
    return this.kept;
  }

  async writing() {
    const { key, kept } = this;
    if (!key || !kept) throw new Refused("key");
    const writer = await kept.writer(this.userId, this.chatId, newDevice);
    return { key, epoch: EPOCH, signer: writer.signer, writer };
  }

  /** @param {Head} head */
  async reading({ dev, epoch }) {
    if (!this.key) throw new Refused("key");
    if (epoch !== EPOCH) throw new Refused("epoch");
    return { key: this.key, verifier: await this.verifier(dev) };
  }

  /** @param {Refused} error */
  why(error) {
    return this.key ? super.why(error) : gettext("Locked. This browser does not have the room’s key.");
  }

  /** @param {any} answer */
  async open(answer) {
    await super.open(answer);
    for (const one of [answer, answer?.chat]) if (one?.id === this.chatId && one.hash_key) this.renewed(one.hash_key);
    return answer;
  }

  /** @param {string} dev */
  async verifier(dev) {
    let known = this.verifiers.get(dev);
    if (!known) {
      known = crypto.subtle.importKey("raw", fromBase64url(dev, "dev", 32), "Ed25519", false, ["verify"]);
      this.verifiers.set(dev, known);
    }
    try {
      return await known;
    } catch {
      throw new Refused("dev");
    }
  }
}

async function newDevice() {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]));
  const dev = toBase64url(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  return { signer: pair.privateKey, dev };
}
