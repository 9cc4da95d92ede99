/**
 * What this page has opened of an encrypted log, from the newest message back. In memory alone, and gone with the page: on the disk
 * it would be readable for whoever gets the computer, as the messages themselves are not.
 */

/** @import { Message, Page } from "../base/types.js" */

/** @typedef {Pick<Message, "seq" | "username" | "timestamp" | "content" | "unopened">} Opened */

/** The most that the server hands out at once. */
const PAGE = 200;
/** Pages of changes; of more the log is read anew. */
const MOST_CHANGES = 10;

export class OpenedLog {
  /** @param {number} chatId @param {(path: string) => Promise<Page>} fetch with its messages opened */
  constructor(chatId, fetch) {
    this.chatId = chatId;
    this.fetch = fetch;
    /** Without gaps, the newest first. @type {Opened[]} */
    this.messages = [];
    /** All from this place on have been read. */
    this.bottom = Number.MAX_SAFE_INTEGER;
    this.isWhole = false;
    /** The cursor of what has changed since; null before anything was read. @type {number | null} */
    this.rev = null;
  }

  forget() {
    Object.assign(this, new OpenedLog(this.chatId, this.fetch));
  }

  /** Takes what was said, edited and taken back since. Raises what `fetch` raises. */
  async refresh() {
    for (let left = MOST_CHANGES; this.rev !== null; left -= 1) {
      if (left === 0) return this.forget();
      const { rev } = this;
      const page = await this.fetch(`/chats/${this.chatId}/messages?after=${rev}&limit=${PAGE}`).catch((error) => {
        // A cursor that the server does not know: its data was put back to an earlier state.
        if (error.status === 400) return null;
        throw error;
      });
      if (!page || (page.chat && page.chat.reset_rev > rev)) return this.forget();
      for (const message of page.messages) if (message.seq >= this.bottom) this.put(message);
      this.rev = page.rev;
      if (!page.more) return;
    }
  }

  /**
   * Those before a place, newest first; asked for where they are not here.
   * @param {number} seq @returns {Promise<Opened[]>} none where the log begins
   */
  async before(seq) {
    let here = this.here(seq);
    // A page may be all taken back.
    while (here.length === 0 && !this.isWhole) {
      await this.older();
      here = this.here(seq);
    }
    return here;
  }

  /** @param {number} seq */
  here(seq) {
    const at = this.messages.findIndex((message) => message.seq < seq);
    return at < 0 ? [] : this.messages.slice(at, at + PAGE);
  }

  async older() {
    const { messages, more, head } = await this.fetch(`/chats/${this.chatId}/messages?before=${this.bottom}&limit=${PAGE}`);
    this.rev ??= head;
    this.messages.push(...messages.filter(({ deleted }) => !deleted).map(opened).reverse());
    this.bottom = messages[0]?.seq ?? 0;
    this.isWhole = !more || messages.length === 0;
  }

  /** @param {Message} message */
  put(message) {
    const at = this.messages.findIndex(({ seq }) => seq <= message.seq);
    const place = at < 0 ? this.messages.length : at;
    const known = this.messages[place]?.seq === message.seq;
    this.messages.splice(place, Number(known), ...(message.deleted ? [] : [opened(message)]));
  }
}

/** No more of it than is shown. @param {Message} message @returns {Opened} */
function opened({ seq, username, timestamp, content, unopened }) {
  return { seq, username, timestamp, content, ...(unopened && { unopened }) };
}
