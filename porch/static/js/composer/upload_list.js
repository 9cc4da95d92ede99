/** The files that are to go with the next message, and how far each is. Pure: time comes in, `uploads.js` does the sending. */

import { MOST_FILES } from "../base/file_limits.js";
import { gettext, ngettext } from "../base/gettext.js";

/** @import { Attached } from "../base/types.js" */

/**
 * @typedef {object} Item
 * @property {number} key
 * @property {File} file
 * @property {"waiting" | "sending" | "done" | "failed"} state failed: it is not tried again by itself
 * @property {number} part of its bytes that are there, 0 to 1
 * @property {number} tries that came to nothing
 * @property {number} due milliseconds, the earliest time of the next try
 * @property {string} problem why it failed, in words
 * @property {Attached | null} told as messages will tell of it, once it is there
 * @property {string} alt what it shows, as its sender says
 */

/** Uploads at once: on a slow line two that end are better than ten that do not. */
const AT_ONCE = 2;
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 15_000;

export class UploadList {
  /** @param {number} limit bytes of one file */
  constructor(limit) {
    this.limit = limit;
    this.keys = 0;
    /** @type {Item[]} */
    this.items = [];
  }

  /** @param {File[]} files @returns {string | null} why not all of them were taken */
  add(files) {
    const room = MOST_FILES - this.items.length;
    for (const file of files.slice(0, room)) {
      this.keys += 1;
      const problem = this.refusal(file);
      this.items.push({ key: this.keys, file, state: problem ? "failed" : "waiting", part: 0, tries: 0, due: 0, problem, told: null, alt: "" });
    }
    return files.length > room ? ngettext("A message has at most %(num)s file.", "A message has at most %(num)s files.", MOST_FILES) : null;
  }

  /** @param {File} file @returns {string} empty when there is nothing against it */
  refusal({ size }) {
    if (size === 0) return gettext("This file is empty.");
    if (size > this.limit) return gettext("This file is too large. At most %(megabytes)s MB are taken.", { megabytes: Math.floor(this.limit / 1e6) });
    return "";
  }

  /** Takes the one that may begin now. @param {number} now @returns {Item | null} */
  take(now) {
    if (this.items.filter(({ state }) => state === "sending").length >= AT_ONCE) return null;
    const item = this.items.find(({ state, due }) => state === "waiting" && due <= now);
    if (!item) return null;
    Object.assign(item, { state: "sending", part: 0 });
    return item;
  }

  /** When to call `take` again, in milliseconds; null when nothing waits. */
  get wakeAt() {
    const dues = this.items.flatMap(({ state, due }) => state === "waiting" ? due : []);
    return dues.length > 0 ? Math.min(...dues) : null;
  }

  /** @param {Item} item @param {Attached} told */
  done(item, told) {
    Object.assign(item, { state: "done", part: 1, told });
  }

  /** @param {Item} item @param {string} problem */
  failed(item, problem) {
    Object.assign(item, { state: "failed", problem });
  }

  /** It is tried again by itself. @param {Item} item @param {number} now @param {number | null} retryAfter seconds */
  postponed(item, now, retryAfter = null) {
    item.tries += 1;
    const pause = retryAfter === null ? Math.min(FIRST_DELAY * 2 ** (item.tries - 1), LONGEST_DELAY) : retryAfter * 1000;
    Object.assign(item, { state: "waiting", due: now + pause });
  }

  /** @param {Item} item */
  retry(item) {
    const problem = this.refusal(item.file);
    Object.assign(item, { state: problem ? "failed" : "waiting", due: 0, problem });
  }

  /** The line is back. */
  hurry() {
    for (const item of this.items) if (item.state === "waiting") item.due = 0;
  }

  /** @param {Item} item */
  remove(item) {
    this.items = this.items.filter((one) => one !== item);
  }

  /** Whether some are not there yet that will be. */
  get busy() {
    return this.items.some(({ state }) => state === "waiting" || state === "sending");
  }

  get broken() {
    return this.items.some(({ state }) => state === "failed");
  }

  /** What the message carries. @returns {Attached[]} */
  get files() {
    return this.items.flatMap(({ told, alt }) => told ? { ...told, ...(alt.trim() === "" ? {} : { alt: alt.trim() }) } : []);
  }
}
