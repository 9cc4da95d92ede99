/**
 * What stands between the page of an encrypted chat and the server: it locks what goes out and opens what comes in, so that the
 * rest of the page is that of any room. Whose keys they are is said by the kinds of lines: `sealed_line.js`, `direct_line.js`.
 */

import { Continuity } from "./continuity.js";
import { claimedHead, envelopeHash, openMessage, sealMessage } from "../crypto/envelope.js";
import { NO_HASH } from "../crypto/fields.js";
import { attachedOf, recordsOf } from "../crypto/file_records.js";
import { gettext } from "../base/gettext.js";
import { MOST_OPEN } from "../keys/locked_store.js";
import { Refused } from "../crypto/refused.js";

/** @import { Envelope, Head } from "../crypto/envelope.js" */
/** @import { LockedStore, Writer } from "../keys/locked_store.js" */
/** @import { Ask } from "../keys/own_keys.js" */
/** @import { Attached, Message, Page } from "../base/types.js" */

/**
 * @typedef {object} Writing what a message is locked with
 * @property {CryptoKey} key
 * @property {number} epoch
 * @property {CryptoKey} signer
 * @property {Writer} writer
 */
/** @typedef {{key: CryptoKey, verifier: CryptoKey}} Reading what one is opened with */
/**
 * @typedef {object} Known what is known of a message that this page has opened
 * @property {string} clientId
 * @property {Record<string, unknown>} rest what it says beside its text
 * @property {{dev: string, ctr: number}[]} numbers of all its versions, as far as they are told
 */
/** @typedef {{status?: number, code?: string, message?: string, newest?: number | null}} Answered an error of a request */
/** @typedef {new (status: number, body: {code: string, message: string}, retryAfter?: number | null) => Error} Failure as ApiError; each joined script has a class of its own */

/** How often a number is tried for that another tab has taken, and a message for an epoch that has passed. */
const TRIES = 5;
/** Milliseconds between tries to open what was pushed. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;
/** Messages that are kept to be opened later, above what a page shows at once. */
const MOST_SHUT = 1000;

export class EnvelopeLine {
  /**
   * @param {object} room
   * @param {number} room.chatId
   * @param {number} room.userId
   * @param {Ask} room.ask with nothing in between
   */
  constructor({ chatId, userId, ask }) {
    this.chatId = chatId;
    this.userId = userId;
    this.ask = ask;
    /** Whether something sealed was ever seen here, or is said to be here. */
    this.wasEncrypted = true;
    /** @type {Map<number, string>} by user, as their last message has it */
    this.names = new Map();
    /** What the server wrote into the page, as long as nobody asked what is gone from there. @type {{from: number, to: number} | null} */
    this.written = null;
    /** @type {Map<number, Known>} by seq */
    this.known = new Map();
    /** The place of each message that was opened, by who sent it, or what device signed it, and its id, which others may take, too. @type {Map<string, number>} */
    this.places = new Map();
    this.seen = { seq: 0, hash: NO_HASH };
    this.continuity = new Continuity();
    /** What could not be opened, as it came. @type {Map<number, Message & {envelope?: unknown}>} by seq */
    this.shut = new Map();
    /** Told after something was read. */
    this.read = () => {};
    /** What is heard besides what the page hears. @type {Record<string, (data: any) => void>} */
    this.events = {};
    /** Events wait for those before them. @type {Promise<unknown>} */
    this.last = Promise.resolve();
    /** The numbers that an envelope told not to have arrived. @type {WeakMap<Envelope, number[]>} */
    this.told = new WeakMap();
  }

  /** @returns {Promise<LockedStore<any> | null>} null where nothing is locked */
  async store() {
    throw new Error("each kind says it");
  }

  /** What the next message is locked with. Rejected with Refused where none may be sent. @returns {Promise<Writing>} */
  async writing() {
    throw new Error("each kind says it");
  }

  /** What a message is opened with. Rejected with Refused. @param {Head} _head @param {Message} _message @returns {Promise<Reading>} */
  async reading(_head, _message) {
    throw new Error("each kind says it");
  }

  /** Whether what goes out has to be locked. @returns {Promise<boolean>} */
  async locks() {
    return true;
  }

  /** Whether a message that is not locked is no fraud. @param {Message} _message */
  isOpenly(_message) {
    return false;
  }

  /** What stands in place of a message. @param {Refused} _error @returns {string} */
  why(_error) {
    return gettext("This message cannot be opened. It was changed on its way, or locked with another key.");
  }

  /** Why nothing is sent. @param {Refused} error @returns {string} */
  whyNot({ code }) {
    if (code === "too_long") return gettext("This is too long.");
    if (code === "client_id") return gettext("This message cannot be edited here.");
    if (code === "files") return gettext("Its files were not locked. Attach them again.");
    return gettext("This could not be locked, so it was not sent.");
  }

  /** What was refused may be sent again, locked anew. @param {Answered} _error @param {any} _sent @returns {Promise<boolean>} */
  async again(_error, _sent) {
    return false;
  }

  /**
   * One request, or what is asked on a socket, with what it takes before and after.
   * @param {string} name the path, or the event
   * @param {any} body
   * @param {(body: any) => Promise<any>} ask
   * @param {Failure} Failure
   */
  async through(name, body, ask, Failure) {
    /** @type {Envelope | undefined} */
    let before;
    for (let left = TRIES; ; left -= 1) {
      const locked = await this.lock(name, body, before).catch((error) => { throw this.failure(error, Failure); });
      try {
        const answer = await ask(locked);
        if (locked?.envelope) await this.arrived(locked.envelope);
        this.covered(name, answer);
        return await this.open(answer).catch((error) => { throw this.failure(error, Failure); });
      } catch (error) {
        const isOver = left <= 1 || typeof locked?.content !== "string";
        if (isOver || !(await this.again(/** @type {Answered} */ (error), locked).catch((other) => { throw this.failure(other, Failure); }))) throw error;
        before = locked.envelope;
      }
    }
  }

  /** Part of the log, opened, without the rest of the page. Raises what `ask` raises. @param {string} path @returns {Promise<Page>} */
  async fetch(path) {
    const answer = await this.ask("GET", path);
    this.covered(path, answer);
    return this.open(answer);
  }

  /** An error as the page knows them. @param {any} error @param {Failure} Failure */
  failure(error, Failure) {
    if (error.name === "Refused") return new Failure(409, { code: error.code, message: this.whyNot(error) });
    // An error of a request that the line has made by itself; its class is that of another script.
    if (error.status !== undefined) return new Failure(error.status, { code: error.code, message: error.message }, error.retryAfter);
    return error;
  }

  /**
   * @param {string} path of a request, or the name of what is asked on a socket
   * @param {any} body
   * @param {Envelope} [before] the same, locked for an epoch that has passed
   * @returns {Promise<any>} what goes out instead. Rejected where it cannot be locked
   */
  async lock(path, body, before) {
    if (typeof body?.content !== "string") return body;
    const { content: text, client_id, reply_to, files: attached = [], ...rest } = body;
    if (!(await this.locks())) {
      // Its key would go out.
      if (attached.some((/** @type {Attached} */ { lock }) => lock)) throw new Refused("files");
      return body;
    }
    if (client_id) {
      const files = recordsOf(attached);
      const kept = before ? undefined : await (await this.store())?.locked(client_id);
      const envelope = kept ?? await this.envelope(client_id, { text, files, ...(reply_to && { reply_to }) }, { again: true, before });
      return { ...rest, client_id, content: "", envelope, ...(files.length > 0 && { files: files.map(({ upload }) => upload) }) };
    }
    const edited = this.known.get(Number(path.split("/").at(-1)));
    if (!edited) throw new Refused("client_id");
    const { clientId, rest: kept, numbers } = edited;
    const was = numbers.slice(-MOST_OPEN);
    return { ...rest, content: "", envelope: await this.envelope(clientId, { files: [], ...kept, text, was }, { again: false, before }) };
  }

  /**
   * @param {string} clientId @param {object} said
   * @param {{again: boolean, before?: Envelope}} how `again`: whether it may have to be sent again as it is; `before`: it has a number already
   */
  async envelope(clientId, said, { again, before }) {
    const store = await this.store();
    for (let left = TRIES; store && left > 0; left -= 1) {
      const { key, epoch, signer, writer } = await this.writing();
      const ctr = before?.dev === writer.dev ? before.ctr : writer.ctr + 1;
      const unused = (writer.open ?? []).filter((number) => number !== ctr);
      const head = { chat: this.chatId, epoch, client_id: clientId, dev: writer.dev, ctr, seen_seq: this.seen.seq, seen_hash: this.seen.hash };
      const envelope = await sealMessage({ key, signer, head, plain: { ...said, ...(unused.length > 0 && { unused }) } });
      this.told.set(envelope, unused);
      if (before?.dev === writer.dev) await store.replace(envelope);
      else if (!(await store.count(writer, envelope, again))) continue;
      return envelope;
    }
    throw new Refused(store ? "ctr" : "key");
  }

  /** @param {Envelope} envelope */
  async arrived(envelope) {
    await (await this.store())?.arrived({ user_id: this.userId, chat_id: this.chatId }, envelope, this.told.get(envelope) ?? []);
  }

  /** What an answer holds all of. @param {string} path @param {any} answer */
  covered(path, answer) {
    const { messages, more } = answer ?? {};
    if (!messages) return;
    const before = /\/messages\?(?:.*&)?before=(\d+)/u.exec(path)?.[1];
    // The room anew: what changed before it was not told.
    if (path === `/chats/${this.chatId}/`) this.continuity = new Continuity();
    else if (before === undefined) return;
    this.continuity.covers(more ? messages[0]?.seq ?? Infinity : 0, Number(before ?? Infinity));
  }

  /** The server has written these messages into the page: all that stand, and nothing of those that were taken back. @param {number} from 0 for the beginning @param {number} to */
  wrote(from, to) {
    this.written = { from, to };
    this.continuity.covers(from, Infinity);
  }

  /** @param {number} seq */
  isKnown(seq) {
    return this.known.has(seq);
  }

  /** What is wrong with the log, as far as it was read. Raises what `ask` raises. */
  async problems() {
    const found = this.continuity.problems();
    if (found.missing.length + found.differing.length === 0 || !this.written) return found;
    await this.takenBack();
    return this.continuity.problems();
  }

  /** Asks for what was taken back where the server wrote the page: what seems to be missing may be that. Raises what `ask` raises. */
  async takenBack() {
    if (!this.written) return;
    const { from, to } = this.written;
    for (let before = to + 1; before > from + 1;) {
      const { messages, more } = await this.ask("GET", `/chats/${this.chatId}/messages?before=${before}&limit=200`);
      for (const { deleted, seq, user_id } of messages) if (deleted) this.continuity.tombstone(seq, user_id);
      if (!more) break;
      before = messages[0].seq;
    }
    this.written = null;
  }

  /** Whether less stands here than this browser had read, or something else. Raises what `ask` raises. @returns {Promise<boolean>} */
  async hasReceded() {
    return false;
  }

  /** Keeps how far the log was read. */
  async keepSeen() {}

  /** Opens all messages of an answer, or an event. @param {any} answer @returns {Promise<any>} the same */
  async open(answer) {
    let some = false;
    for (const one of [answer, answer?.message, ...(answer?.messages ?? [])]) some = await this.take(one) || some;
    if (some) this.read();
    return answer;
  }

  /** @param {any} one a message, or something else @returns {Promise<boolean>} whether it is a message of this room */
  async take(one) {
    if (one?.chat_id === this.chatId && one.username) this.names.set(one.user_id, one.username);
    if (one?.envelope) await this.openMessage(one);
    else if (one?.chat_id !== this.chatId || typeof one.seq !== "number" || typeof one.rev !== "number") return false;
    else if (one.deleted) this.tombstone(one);
    else this.takeOpenly(one);
    return true;
  }

  /** @param {Message} message */
  tombstone({ seq, user_id }) {
    this.shut.delete(seq);
    this.continuity.tombstone(seq, user_id);
  }

  /** A message that came unlocked. @param {Message} message */
  takeOpenly(message) {
    this.continuity.plain(message.seq);
    if (this.isOpenly(message)) {
      if (message.client_id) this.known.set(message.seq, { clientId: message.client_id, rest: message.reply_to ? { reply_to: message.reply_to } : {}, numbers: [] });
      return;
    }
    forget(message);
    message.unopened = true;
    message.content = gettext("This came without a lock, as nothing does here. What it said is not shown: anybody may have written it.");
  }

  /** An event that was pushed; it is heard when all before it were. @param {any} data @param {(data: any) => void} hear */
  hear(data, hear) {
    this.last = this.last.then(() => this.openHeard(data)).then(hear, () => {});
  }

  /** What it takes to open may have to be asked for, and the line be down. @param {any} data */
  async openHeard(data) {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      try {
        return await this.open(data);
      } catch (error) {
        // The page asks for what it missed when it hears the next.
        if (pause > LONGEST_PAUSE) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  /** Tries once more to open what could not be opened: there may be keys by now. Raises what `ask` raises. @returns {Promise<Message[]>} those that are open now */
  reopen() {
    const opening = this.last.then(async () => {
      const again = [...this.shut.values()].map((message) => ({ ...message }));
      for (const message of again) await this.openMessage(message);
      if (again.length > 0) this.read();
      return again.filter(({ unopened }) => !unopened);
    });
    this.last = opening.catch(() => {});
    return opening;
  }

  /** Puts what was said into a message, or why it cannot be read. @param {Message & {envelope?: unknown}} message */
  async openMessage(message) {
    const { envelope, seq } = message;
    delete message.envelope;
    forget(message);
    try {
      const { text, reply_to, files = [] } = await this.said(envelope, message);
      if (typeof text !== "string") throw new Refused("plain");
      const attached = attachedOf(files, this.chatId);
      message.content = text;
      if (isPlace(reply_to)) message.reply_to = Number(reply_to);
      if (attached.length > 0) message.files = attached;
      this.shut.delete(seq);
    } catch (error) {
      if (!(error instanceof Refused)) {
        message.envelope = envelope;
        throw error;
      }
      this.continuity.unread(seq);
      this.keepShut({ ...message, envelope });
      message.unopened = true;
      message.content = this.why(error);
    }
  }

  /** @param {Message & {envelope?: unknown}} message */
  keepShut(message) {
    this.shut.set(message.seq, message);
    const [first] = this.shut.keys();
    if (this.shut.size > MOST_SHUT) this.shut.delete(first);
  }

  /** @param {unknown} envelope @param {Message} message @returns {Promise<Record<string, unknown>>} */
  async said(envelope, message) {
    const head = claimedHead(envelope);
    const { client_id: clientId, dev, epoch, ctr } = head;
    message.client_id ??= clientId;
    // One that is shown twice would be said twice. What somebody else sent again, after it was said, hides nothing.
    const [byPerson, byDevice] = [`${message.user_id} ${clientId}`, `${dev} ${clientId}`];
    if ((this.places.get(byPerson) ?? message.seq) !== message.seq || (this.places.get(byDevice) ?? message.seq) < message.seq) throw new Refused("client_id");
    const { key, verifier } = await this.reading(head, message);
    const plain = await openMessage({ key, verifier, envelope, expected: { chat: this.chatId, epoch, client_id: message.client_id, dev } });
    const hash = await envelopeHash(envelope);
    this.places.set(byPerson, message.seq).set(byDevice, message.seq);
    if (message.seq >= this.seen.seq) this.seen = { seq: message.seq, hash };
    const was = versions(plain.was);
    const { text: _text, was: _was, unused: _unused, ...rest } = plain;
    this.known.set(message.seq, { clientId, rest, numbers: [...was, { dev, ctr }] });
    const { seq, user_id: user } = message;
    this.continuity.take({ ...head, seq, user, hash, edited: isEdit(plain), was, unused: numbers(plain.unused) });
    return plain;
  }
}

/** Whether a message takes the place of an earlier version of itself. @param {Record<string, unknown>} plain what it says */
export function isEdit({ was }) {
  return Array.isArray(was);
}

/** What the server says that it carries: here only its envelope does. @param {Message} message */
function forget(message) {
  for (const name of /** @type {const} */ (["reply_to", "files", "preview", "mentions"])) delete message[name];
}

/** @param {unknown} value */
function isPlace(value) {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** @param {unknown} told @returns {number[]} */
function numbers(told) {
  return Array.isArray(told) ? told.slice(0, MOST_OPEN).filter(isPlace) : [];
}

/** @param {unknown} told @returns {{dev: string, ctr: number}[]} */
function versions(told) {
  if (!Array.isArray(told)) return [];
  return told.slice(0, MOST_OPEN).flatMap((one) => typeof one?.dev === "string" && isPlace(one.ctr) ? [{ dev: one.dev, ctr: one.ctr }] : []);
}
