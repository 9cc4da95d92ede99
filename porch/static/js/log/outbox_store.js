/**
 * What this browser keeps of what a person has written: messages that wait to be sent, and drafts. IndexedDB, since it is all
 * that plain http has for several tabs at once. Entries belong to a person and a room; nobody else's are ever read.
 */

/**
 * @typedef {object} Kept a message that waits
 * @property {string} client_id
 * @property {number} user_id
 * @property {number} chat_id
 * @property {string} content
 * @property {import("../base/types.js").More} [more] what it carries beside its text
 * @property {number} at milliseconds, when it was written
 * @property {number} order grows with each message of a room, whichever tab it is from; about when it was written
 * @property {string} problem why the server refused it, in words; empty while it is to be sent
 */

/** @typedef {{mine: boolean, until: number | null, entries: Kept[]}} Turn `until`: how long the tab that sends may, unless it asks again; null when none does */

/** Milliseconds after which a tab that has not said so again no longer sends; another takes over. */
export const LEASE = 5000;
/** Older than this, what was kept is thrown away: nobody sends a message of last month without reading it again. */
export const OLDEST = 30 * 24 * 60 * 60_000;
/** Milliseconds to wait for a database that does not open. */
const PATIENCE = 3000;

/** @typedef {(stores: string[], options?: IDBTransactionOptions) => Promise<IDBTransaction>} Database begins a transaction that writes */

/** What is written and waits. */
export function database() {
  return openDatabase("porch", (made) => {
    made.createObjectStore("outbox", { keyPath: "client_id" }).createIndex("place", ["user_id", "chat_id", "order"]);
    made.createObjectStore("drafts", { keyPath: ["user_id", "chat_id"] });
    made.createObjectStore("leases", { keyPath: ["user_id", "chat_id"] });
  });
}

/**
 * @param {string} name @param {(made: IDBDatabase) => void} make makes its stores, the first time
 * @returns {Promise<Database>} rejected where there is none, as in some private windows
 */
export async function openDatabase(name, make) {
  let db = await connected(name, make);
  return async (stores, options) => {
    const begin = () => db.transaction(stores, "readwrite", options);
    try {
      // Before anything is waited for: a page that is being left has no later.
      return begin();
    } catch {
      // Closed by the system, as Safari does to pages in the background, or by whoever cleared the site's data.
      db = await connected(name, make);
      return begin();
    }
  };
}

/** @param {string} name @param {(made: IDBDatabase) => void} make @returns {Promise<IDBDatabase>} */
function connected(name, make) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => make(opening.result);
    opening.onsuccess = () => {
      // A later version of this page may want to change the database.
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
    opening.onerror = () => reject(opening.error);
    setTimeout(() => reject(new Error("the database does not open")), PATIENCE);
  });
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Runs `work` in a transaction of its own; transactions on the same store go one after another, those of all tabs.
 * @template T
 * @param {Database} db
 * @param {string[]} names
 * @param {(...stores: IDBObjectStore[]) => Promise<T>} work waits for nothing but requests
 * @param {IDBTransactionOptions} [options]
 * @returns {Promise<T>} once it is kept
 */
export async function within(db, names, work, options) {
  const transaction = await db(names, options);
  const over = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const working = work(...names.map((name) => transaction.objectStore(name))).then((result) => {
    // At once, as a page that is being left may not be asked again.
    transaction.commit?.();
    return result;
  });
  const [result] = await Promise.all([working, over]);
  return result;
}

/** The part of it that is one person's in one room. */
export class OutboxStore {
  /** @param {Database} db @param {number} userId @param {number} chatId */
  constructor(db, userId, chatId) {
    this.db = db;
    this.owner = { user_id: userId, chat_id: chatId };
    this.key = [userId, chatId];
    this.range = IDBKeyRange.bound([userId, chatId], [userId, chatId, []]);
    /** The draft as this page has found or kept it last; another tab may have put its own there since. */
    this.found = "";
  }

  /** @param {number} userId @param {number} chatId */
  static async open(userId, chatId) {
    return new OutboxStore(await database(), userId, chatId);
  }

  /**
   * Keeps a message, after all that are there, instead of the draft that it was; another tab's stays. On the disk, not only on its way there:
   * the person sees it as written.
   * @param {Pick<Kept, "client_id" | "content" | "more" | "at">} entry
   * @returns {Promise<number>} its order
   */
  add({ client_id, content, more, at }) {
    const { found } = this;
    return within(this.db, ["outbox", "drafts"], async (outbox, drafts) => {
      const [last, draft] = await Promise.all([answer(outbox.index("place").openCursor(this.range, "prev")), answer(drafts.get(this.key))]);
      const order = Math.max(at, (last?.value.order ?? 0) + 1);
      outbox.add({ ...this.owner, client_id, content, more, at, order, problem: "" });
      if (draft?.content === found) drafts.delete(this.key);
      return order;
    }, { durability: "strict" });
  }

  /**
   * Reads what waits here and, if something does, takes or renews the right to send it; gives it back if nothing does.
   * @param {string | null} tab null for one that cannot send
   * @param {number} now
   * @param {boolean} [needed] whether the tab has something to send that could not be kept
   * @returns {Promise<Turn>}
   */
  turn(tab, now, needed = false) {
    return within(this.db, ["outbox", "leases"], async (outbox, leases) => {
      /** @type {[Kept[], {tab: string, until: number} | undefined]} */
      const [entries, lease] = await Promise.all([answer(outbox.index("place").getAll(this.range)), answer(leases.get(this.key))]);
      const wanted = needed || entries.some(({ problem }) => problem === "");
      // One that ends far too late was taken before the clock was put back.
      const free = !lease || lease.tab === tab || lease.until <= now || lease.until > now + 2 * LEASE;
      const mine = tab !== null && wanted && free;
      if (mine) leases.put({ ...this.owner, tab, until: now + LEASE });
      else if (lease?.tab === tab) leases.delete(this.key);
      return { mine, until: mine ? now + LEASE : wanted && lease && !free ? lease.until : null, entries };
    });
  }

  /** Hands the right to send over. Only for the tab that has it. */
  release() {
    return within(this.db, ["leases"], async (leases) => { leases.delete(this.key); });
  }

  /** @param {string[]} clientIds */
  remove(clientIds) {
    return within(this.db, ["outbox"], async (outbox) => { for (const id of clientIds) outbox.delete(id); });
  }

  /** @param {string} clientId @param {string} problem empty to send it after all */
  refuse(clientId, problem) {
    return within(this.db, ["outbox"], async (outbox) => {
      const entry = await answer(outbox.get(clientId));
      if (entry) outbox.put({ ...entry, problem });
    });
  }

  /**
   * Throws away what is too old, in every room and whosever it is.
   * @param {number} now
   * @returns {Promise<number>} how many messages of this person in this room
   */
  sweep(now) {
    return within(this.db, ["outbox", "drafts"], async (outbox, drafts) => {
      const old = (/** @type {Kept} */ { at }) => at <= now - OLDEST;
      /** @type {Kept[]} */
      const messages = (await answer(outbox.getAll())).filter(old);
      for (const { client_id } of messages) outbox.delete(client_id);
      for (const { user_id, chat_id } of (await answer(drafts.getAll())).filter(old)) drafts.delete([user_id, chat_id]);
      return messages.filter(({ user_id, chat_id }) => user_id === this.owner.user_id && chat_id === this.owner.chat_id).length;
    });
  }

  /** @returns {Promise<string>} */
  draft() {
    return within(this.db, ["drafts"], async (drafts) => (this.found = (await answer(drafts.get(this.key)))?.content ?? ""));
  }

  /** @param {string} content empty for none @param {number} at milliseconds */
  saveDraft(content, at) {
    this.found = content;
    return within(this.db, ["drafts"], async (drafts) => {
      if (content === "") drafts.delete(this.key);
      else drafts.put({ ...this.owner, content, at });
    });
  }
}
