/** Keeps what stands in the composer, so that a reload, a crash or a look elsewhere does not lose it. */

import { tidy } from "./limits.js";

/** @typedef {{draft: () => Promise<string>, saveDraft: (content: string, at: number) => Promise<void>}} Store */

/** Milliseconds between the last letter and saving it. */
const PAUSE = 400;

export class Drafts {
  /**
   * @param {{content: string, carried: {size: number}}} composer
   * @param {Promise<Store | null>} opening null or rejected where nothing can be kept
   */
  constructor(composer, opening) {
    this.composer = composer;
    /** @type {Store | null} */
    this.store = null;
    /** Whether something is written that is not saved. */
    this.fresh = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.ready = this.begin(opening).catch(() => {});
  }

  /** @param {Promise<Store | null>} opening */
  async begin(opening) {
    const store = await opening;
    const kept = await store?.draft() ?? "";
    this.store = store;
    const { composer } = this;
    // Whoever was quicker goes on behind it.
    if (kept !== "" && !composer.content.startsWith(kept)) composer.content = kept + composer.content;
    // Before these scripts were there nobody heard of its letters.
    if (this.fresh || composer.content !== kept) this.note();
  }

  /** The composer has another content. */
  note() {
    this.fresh = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  /** Saves at once, as when the page may be gone in a moment. */
  save() {
    clearTimeout(this.timer);
    if (!this.fresh || !this.store) return;
    this.fresh = false;
    // What cannot be kept stands in the composer all the same.
    this.store.saveDraft(this.composer.content, Date.now()).catch(() => {});
  }

  /** What stands here is sent, and goes with that out of what is kept. @param {Promise<unknown>} sending null where it could not be kept */
  sent(sending) {
    this.settle();
    void sending.then((kept) => { if (kept === null) this.note(); });
  }

  /** Another tab has sent something: that is no draft any more, here neither; anything else still is one. @param {string} content */
  sentElsewhere(content) {
    const { composer } = this;
    if (composer.content === "") return;
    if (tidy(composer.content) === content && composer.carried.size === 0) {
      composer.content = "";
      this.settle();
    } else {
      this.note();
    }
  }

  /** Nothing of what is written waits to be saved. */
  settle() {
    clearTimeout(this.timer);
    this.fresh = false;
  }

  /** The person has logged out: what they wrote is not for whoever comes next. */
  stop() {
    clearTimeout(this.timer);
    this.store = null;
  }
}
