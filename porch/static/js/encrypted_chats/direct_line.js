/**
 * The line of a direct chat: nothing is locked until both have keys, everything from then on. Whom the keys belong to is held against
 * what this browser knows of them; what the server says decides nothing alone.
 */

import { ChatEpochs } from "../keys/chat_epochs.js";
import { wayToWrite } from "../keys/contact_trust.js";
import { EnvelopeLine, isEdit } from "./envelope_line.js";
import { newEpochBecause } from "../keys/epoch_keys.js";
import { gettext } from "../base/gettext.js";
import { mayHaveKeys, openStore, ownKeys } from "../keys/own_keys.js";
import { Refused } from "../crypto/refused.js";
import { TwoPeople } from "../keys/two_people.js";

/** @import { Answered } from "./envelope_line.js" */
/** @import { Told } from "../keys/contacts.js" */
/** @import { OwnDevice } from "../keys/device_keys.js" */
/** @import { Envelope, Head } from "../crypto/envelope.js" */
/** @import { Member } from "../keys/epoch_keys.js" */
/** @import { Suite } from "../crypto/hpke.js" */
/** @import { KeptEpoch, KeyStore } from "../keys/key_store.js" */
/** @import { Ask } from "../keys/own_keys.js" */
/** @import { Message } from "../base/types.js" */
/** @import { Holder } from "../keys/two_people.js" */

/**
 * @typedef {"plain" | "encrypted" | "changed" | "no_keys" | "new" | "let_in" | "own_changed" | "insecure" | "unable" | "refused" | "unknown"} Way
 *   how one writes: readable by the host, or sealed; and where nothing is sent: the key of a verified contact is another one; the host
 *   says that the other has no keys any more; this browser has no keys of its person's account; it is said to have some, and its person has not said so yet; it knows others than the host tells;
 *   the page came by plain http; the browser lacks what it takes; what the host says of devices cannot be; nobody has said yet
 */
/** @typedef {{encryption: string, members: Told[]}} ToldRoom the answer of `GET /chats/<id>/keys` */

/** Milliseconds after which the devices of both are asked for again before something is sent; where events come, these are quicker. */
const STALE = 60_000;
/** How often an epoch is begun that others come before. */
const TRIES = 5;

export class DirectLine extends EnvelopeLine {
  /**
   * @param {object} room
   * @param {number} room.chatId
   * @param {number} room.userId
   * @param {number} room.peerId
   * @param {boolean} room.withGuest whether one of the two is a guest, who has no keys
   * @param {boolean} room.isEncrypted as the server says
   * @param {Ask} room.ask
   * @param {() => Promise<Suite>} room.suite
   * @param {KeyStore} [room.store]
   */
  constructor({ chatId, userId, peerId, withGuest, isEncrypted, ask, suite, store }) {
    super({ chatId, userId, ask });
    this.peerId = peerId;
    this.withGuest = withGuest;
    this.suite = suite;
    this.given = store;
    /** @type {KeyStore | null} */
    this.kept = null;
    this.wasEncrypted = isEncrypted;
    /** The place of the first sealed message that this browser knows of. */
    this.since = Infinity;
    /** The newest message that was read here before this page was opened. @type {{seq: number, hash: string} | null} */
    this.before = null;
    /** Whether something readable stands here from before. */
    this.hasOlder = false;
    /** @type {Way} */
    this.way = "unknown";
    /** @type {OwnDevice | null} */
    this.device = null;
    this.two = new TwoPeople(userId, peerId);
    /** @type {ChatEpochs | null} */
    this.epochs = null;
    /** Whether the newest epoch is for others than this browser knows the two to be. */
    this.isStrange = false;
    /** The hash of the newest epoch of which that was asked. */
    this.held = "";
    this.lookedAt = -Infinity;
    /** @type {Promise<void> | null} */
    this.looking = null;
    /** @type {Promise<void> | null} */
    this.opening = null;
    /** Devices of which nobody told when they were asked for. @type {Set<string>} */
    this.strangers = new Set();
    /** Told when `way`, or what is known of the other, may be another. */
    this.changed = () => {};
    /** Told when what has waited for keys can be locked. */
    this.unlocked = () => {};
    /** Whether the other one is gone for good, which the page says by itself. */
    this.peerHasLeft = false;
    this.events = {
      keys: (/** @type {{user_id: number}} */ { user_id }) => { 
        if (![this.userId, this.peerId].includes(user_id)) return;
        this.strangers.clear();
        void this.lookAgain();
      },
    };
  }

  /** What this browser has kept, without asking anybody. */
  load() {
    this.opening ??= this.loadAll();
    return this.opening;
  }

  async loadAll() {
    const kept = this.given ?? (mayHaveKeys() ? await openStore() : null);
    if (!kept) return;
    this.kept = kept;
    const chat = await kept.chat(this.userId, this.chatId);
    // What the page was told is remembered, too: what waits here for keys must not go out readable by the next page.
    if (this.wasEncrypted && !chat) await kept.keepChat(this.userId, this.chatId, 0);
    this.wasEncrypted ||= chat !== null;
    this.since = chat?.since || Infinity;
    this.before = chat?.seen ?? null;
    await this.two.load(kept);
    await this.enter();
  }

  /** Asks for what is not known yet. Raises what `ask` raises. */
  async current() {
    await this.load();
    if (Date.now() - this.lookedAt >= STALE) await this.look();
  }

  /** @returns {Promise<void>} */
  look() {
    this.looking ??= this.lookOnce().finally(() => { this.looking = null; });
    return this.looking;
  }

  /** Who the other one is by now. @param {boolean} hasLeft */
  notePeer(hasLeft) {
    if (this.peerHasLeft === hasLeft) return;
    this.peerHasLeft = hasLeft;
    this.changed();
  }

  /** Something has changed; what cannot be asked now is asked before the next message. */
  async lookAgain() {
    await this.lookAfresh().catch(() => {});
  }

  async lookOnce() {
    await this.load();
    const { way } = this;
    // Guests have no keys: whose keys were seen is none, whatever the server says.
    if (this.withGuest && !this.wasEncrypted && !this.two.peer.contact) this.way = "plain";
    else this.way = await this.wayNow().catch((error) => {
      if (!(error instanceof Refused)) throw error;
      return "refused";
    });
    this.judge();
    this.lookedAt = Date.now();
    this.changed();
    if (this.way === "encrypted" && way !== "encrypted") this.unlocked();
  }

  /** @returns {Promise<Way>} */
  async wayNow() {
    const { kept, two, userId } = this;
    let [own, peer] = await this.askForBoth();
    if (kept && own.identity === null && !two.own.contact) {
      await ownKeys({ user: userId, ask: this.ask, store: kept, suite: this.suite });
      [own, peer] = await this.askForBoth();
    }
    // Somebody who cannot lock here, and has keys elsewhere, writes there.
    const isPlain = !this.wasEncrypted && (own.identity === null || peer.identity === null);
    if (!kept) return isPlain ? "plain" : mayHaveKeys() ? "unable" : "insecure";
    await two.see(kept, own, peer);
    await this.enter();
    const way = wayToWrite(two.peer.contact, { hasKeys: two.peer.chain !== null, wasEncrypted: this.wasEncrypted });
    if (way === "plain" || way === "no_keys") return way;
    if (two.own.chain === null) return "own_changed";
    if (!two.isLetIn(this.device)) return "new";
    // A page that was left while it made the first keys has not noted that they are its person's.
    if (two.isUnsure(this.device) && (await ownKeys({ user: userId, ask: this.ask, store: kept, suite: this.suite })).state === "ready") await two.see(kept, own, peer);
    return two.isUnsure(this.device) ? "let_in" : way;
  }

  /** What the server says of this person and the other. @returns {Promise<[Told, Told]>} */
  async askForBoth() {
    /** @type {ToldRoom} */
    const { encryption, members } = await this.ask("GET", `/chats/${this.chatId}/keys`);
    if (encryption === "e2e") await this.isSealed(0);
    const told = (/** @type {number} */ user) => members.find(({ user_id }) => user_id === user) ?? { user_id: user, identity: null, entries: [] };
    return [told(this.userId), told(this.peerId)];
  }

  /** The epochs of this chat, as far as this browser has keys at all. */
  async enter() {
    const { kept, userId: owner, chatId: chat, ask, suite } = this;
    if (!kept) return;
    const device = await kept.device(owner);
    if (!device || device.dev === this.device?.dev) return;
    this.device = device;
    this.epochs = new ChatEpochs({ owner, chat, device, ask, suite, store: kept, holder: async (dev) => (await this.find(dev))?.device });
    await this.epochs.load();
    this.heed();
  }

  /** What was written since the first epoch began, was sealed. */
  heed() {
    const first = this.epochs?.epochs.get(0);
    if (first) this.since = Math.min(this.since, first.began_seq + 1);
  }

  /** From now on nothing readable is sent here. @param {number} seq of a message that was sealed, 0 for none yet */
  async isSealed(seq) {
    const isNews = !this.wasEncrypted || (seq > 0 && seq < this.since);
    this.wasEncrypted = true;
    if (seq > 0) this.since = Math.min(this.since, seq);
    if (isNews) await this.kept?.keepChat(this.userId, this.chatId, seq);
  }

  /** Whose a device is; who was not heard of is asked for once. @param {string} dev @returns {Promise<Holder | undefined>} */
  async find(dev) {
    if (!this.two.holder(dev) && !this.strangers.has(dev)) {
      this.strangers.add(dev);
      await this.lookAfresh();
    }
    return this.two.holder(dev);
  }

  async store() {
    return this.kept;
  }

  async locks() {
    await this.current();
    if (this.way === "plain" && await this.isKnownElsewhere()) await this.lookAfresh();
    if (this.way !== "plain" && this.way !== "encrypted") throw new Refused(this.way);
    return this.way === "encrypted";
  }

  /** Whether another page of this browser has seen since that something is to be locked here. */
  async isKnownElsewhere() {
    const { kept, userId, peerId, chatId } = this;
    if (!kept) return false;
    this.wasEncrypted ||= (await kept.chat(userId, chatId)) !== null;
    const isKnown = this.wasEncrypted || (await kept.account(userId, peerId)) !== null;
    if (isKnown) await this.two.load(kept);
    return isKnown;
  }

  async writing() {
    const { userId, chatId } = this;
    for (let left = TRIES; left > 0; left -= 1) {
      const { epochs, device, kept } = this;
      if (this.way !== "encrypted" || !epochs || !device || !kept) throw new Refused(this.way);
      if (!epochs.newest) await epochs.fetch();
      await this.enforceTold();
      const { members } = this.two;
      const { newest } = epochs;
      if (newest?.key && !this.mustBegin(members)) {
        const writer = await kept.writer(userId, chatId, async () => ({ dev: device.dev }), device.dev);
        return { key: newest.key, epoch: newest.epoch, signer: device.signing.privateKey, writer };
      }
      // Another began one, or a device came or went in this very moment.
      if (!(await epochs.begin(members))) await this.lookAfresh();
      await this.isSealed(0);
    }
    throw new Refused("epoch");
  }

  /** What has been asked for already may be from before. */
  async lookAfresh() {
    this.lookedAt = -Infinity;
    await this.looking?.catch(() => {});
    this.lookedAt = -Infinity;
    await this.current();
  }

  /** Raises Refused where the host tells less of somebody's devices than an epoch says there is: it may hide that one was shut out. */
  async enforceTold() {
    if (!this.isWithheld) return;
    await this.lookAfresh();
    if (this.isWithheld) throw new Refused("refused");
  }

  /** Whether the newest epoch is over, or is not for exactly those who are there. @param {Member[]} members */
  mustBegin(members) {
    const newest = this.epochs?.newest;
    if (!newest) return true;
    const { record: epoch, began, began_seq } = newest;
    return newEpochBecause({ epoch, members, began, messages: Math.max(0, this.seen.seq - began_seq), now: Date.now() }) !== null;
  }

  /** @param {Head} head @param {Message} message */
  async reading({ epoch, dev }, message) {
    await this.load();
    if (!this.device && Date.now() - this.lookedAt >= STALE) await this.look();
    const { epochs } = this;
    if (!epochs) throw new Refused("keyless");
    if (this.two.isUnsure(this.device)) throw new Refused("let_in");
    await epochs.seek(epoch);
    this.heed();
    const [kept, holder] = [epochs.epochs.get(epoch), await this.find(dev)];
    if (!kept) throw new Refused("epoch");
    if (!kept.key) throw new Refused("missing");
    // Whose device it is, is known from their chain; nobody speaks in another's name.
    if (!holder && !this.two.of(message.user_id).contact) throw new Refused("gone");
    if (!holder || !kept.record.wraps.some((wrap) => wrap.dev === dev)) throw new Refused("dev");
    if (holder.user !== message.user_id) throw new Refused("user_id");
    await this.hold(epochs.newest);
    return { key: kept.key, verifier: await this.two.verifier(holder.device) };
  }

  reopen() {
    // The keys of before may have come since.
    if (this.epochs) this.epochs.askedAgain = false;
    return super.reopen();
  }

  /** Looks for whomever the newest epoch is for, and whether they are who this browser knows. @param {KeptEpoch | null} newest */
  async hold(newest) {
    if (!newest || this.held === newest.hash) return;
    this.held = newest.hash;
    for (const { dev } of newest.record.wraps) await this.find(dev);
    if (this.isWithheld) await this.lookAfresh();
    this.judge();
    this.changed();
  }

  judge() {
    this.isStrange = this.two.isStrange(this.records);
  }

  get isWithheld() {
    return this.two.isWithheld(this.records);
  }

  get records() {
    return [...this.epochs?.epochs.values() ?? []].map(({ record }) => record);
  }

  async hasReceded() {
    if (!this.before || !this.continuity.lacks(this.before)) return false;
    await this.takenBack();
    return this.continuity.lacks(this.before);
  }

  async keepSeen() {
    await this.kept?.keepSeen(this.userId, this.chatId, this.seen);
  }

  /** @param {unknown} envelope @param {Message} message */
  async said(envelope, message) {
    const plain = await super.said(envelope, message);
    // What was written readable, and edited since, stands before the first sealed message all the same.
    await this.isSealed(isEdit(plain) ? 0 : message.seq);
    return plain;
  }

  /** @param {Message} message */
  isOpenly({ seq }) {
    if (seq >= this.since) return false;
    this.hasOlder = true;
    return true;
  }

  /** @param {any} one */
  async take(one) {
    if (one && !one.envelope && typeof one.seq === "number") await this.load();
    return super.take(one);
  }

  /** @param {Answered} error @param {{envelope?: Envelope, content?: string}} sent */
  async again(error, { envelope, content }) {
    if (error.code === "epoch_passed") {
      // Most often because devices came or went.
      await Promise.all([this.epochs?.fetch(), this.lookAfresh()]);
      return true;
    }
    // The other has begun to lock, and this page did not know.
    if (error.code !== "invalid" || envelope || content === undefined || this.way !== "plain") return false;
    await this.lookAfresh();
    return /** @type {Way} */ (this.way) === "encrypted";
  }

  /** @param {Refused} error */
  why({ code }) {
    if (code === "keyless") return gettext("Locked. This browser does not have your keys.");
    if (code === "let_in") return gettext("Locked. You have not said yet that it was you who let this browser in.");
    if (code === "gone") return gettext("Locked. Whoever wrote this has no keys any more by which it could be checked.");
    if (code === "missing") return gettext("Locked. This browser has not been given the key of that time.");
    return super.why(new Refused(code));
  }

  /** @param {Refused} error */
  whyNot(error) {
    return NOT_SENT[error.code] ?? super.whyNot(error);
  }
}

/** @type {Record<string, string>} by way */
const NOT_SENT = {
  changed: gettext("Their key has changed. Nothing is sent until you have accepted the new one."),
  no_keys: gettext("The host says that they have no keys any more. Nothing is sent that could be read."),
  new: gettext("This browser does not have your keys yet."),
  let_in: gettext("You have not said yet that it was you who let this browser in."),
  own_changed: gettext("The host shows other keys for your account than this browser knows. Nothing is sent."),
  insecure: gettext("This page came without https, so that nothing can be locked here."),
  unable: gettext("This browser cannot lock messages."),
  refused: gettext("What the host says about their devices cannot be right. Nothing is sent."),
};
