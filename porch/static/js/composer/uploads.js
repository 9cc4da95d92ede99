/** Files on their way into the next message. Loaded late, by `attaching.js`. */

import { element } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { styled } from "../base/late_style.js";
import { transfer } from "./transfer.js";
import { UploadList } from "./upload_list.js";
import { UploadsView } from "./uploads_view.js";

/** @import { Composer } from "./composer.js" */
/** @import { Me } from "../base/types.js" */
/** @import { Ready } from "../encrypted_chats/locked_uploads.js" */
/** @import { Item } from "./upload_list.js" */

/**
 * @typedef {object} Hands what the room's page lends
 * @property {Composer} composer
 * @property {number} chatId
 * @property {Me} me
 * @property {(lines: string[]) => void} announce
 * @property {import("../encrypted_chats/envelope_line.js").EnvelopeLine} [line] of an encrypted chat
 */

const SORT = "files";
/** Whether another try has a chance by itself. @param {number} status */
const passing = (status) => [0, 408, 429, 500, 502, 503, 504].includes(status);

export class Uploads {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    const { limit, styles } = /** @type {HTMLElement} */ (document.getElementById("attach")).dataset;
    this.limit = Number(limit);
    this.list = new UploadList(this.limit);
    this.view = new UploadsView(hands.composer.form, {
      remove: (item) => this.remove(item),
      retry: (item) => { this.list.retry(item); this.go(); },
      describe: (item, alt) => { item.alt = alt; this.carry(); },
      back: () => hands.composer.focus(),
    });
    /** @type {Map<Item, () => void>} how to stop what is under way */
    this.running = new Map();
    /** Whether the message is to go out as soon as its files are there. */
    this.promised = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.styled = styled(styles ?? "");
    addEventListener("online", () => { this.list.hurry(); this.go(); });
    this.over = element("div", { class: "drop", hidden: "" }, element("p", {}, gettext("Drop files here to send them")));
    document.body.append(this.over);
    this.watchDragging();
  }

  /** Shows where files would go, as long as some are held over the page. */
  watchDragging() {
    let inside = 0;
    const show = () => { this.over.hidden = inside === 0; };
    document.addEventListener("dragenter", ({ dataTransfer }) => { if (dataTransfer?.types.includes("Files")) { inside += 1; show(); } });
    document.addEventListener("dragover", ({ dataTransfer }) => { if (inside === 0 && dataTransfer?.types.includes("Files")) { inside = 1; show(); } });
    document.addEventListener("dragleave", ({ relatedTarget }) => { inside = relatedTarget === null ? 0 : Math.max(0, inside - 1); show(); });
    document.addEventListener("drop", () => { inside = 0; show(); });
  }

  /** @param {File[]} files */
  add(files) {
    const { composer } = this.hands;
    composer.complain(this.list.add(files));
    void this.styled.then(() => this.go());
    composer.focus();
  }

  /** Begins what may begin now, and comes back by itself for the rest. */
  go() {
    clearTimeout(this.timer);
    for (let item = this.list.take(Date.now()); item; item = this.list.take(Date.now())) void this.send(item);
    const { wakeAt } = this.list;
    if (wakeAt !== null) this.timer = setTimeout(() => this.go(), Math.max(0, wakeAt - Date.now()) + 5);
    this.carry();
    this.view.show(this.list, this.promised);
  }

  /** @param {Item} item */
  async send(item) {
    const ready = await this.ready(item.file).catch(() => null);
    if (!this.list.items.includes(item)) return;
    if (ready === null) this.list.postponed(item, Date.now());
    else if ("problem" in ready) this.fail(item, ready.problem);
    else await this.transfer(item, ready);
    this.go();
    this.keepPromise();
  }

  /** What goes up of a file. Rejected where that cannot be known now. @param {File} file @returns {Promise<Ready | {problem: string}>} */
  async ready(file) {
    const { line } = this.hands;
    if (!line) return { body: file, told: (answer) => answer };
    const { readied } = await import("../encrypted_chats/locked_uploads.js");
    return readied(line, file, this.limit);
  }

  /** @param {Item} item @param {Ready} ready */
  async transfer(item, { body, told }) {
    const { chatId, me, announce } = this.hands;
    const progress = (/** @type {number} */ part) => { item.part = part; this.view.move(item); };
    const { over, abort } = transfer(`/chats/${chatId}/uploads`, body, { userId: me.user_id, progress });
    this.running.set(item, abort);
    const { status, answer, retryAfter } = await over;
    this.running.delete(item);
    if (!this.list.items.includes(item)) return;
    if (status === 201 && answer) {
      this.list.done(item, told(answer));
      announce([gettext("%(name)s is ready to be sent.", { name: item.file.name })]);
    } else if (passing(status) || status === 201) {
      this.list.postponed(item, Date.now(), retryAfter);
    } else {
      this.fail(item, answer?.error?.message ?? gettext("This file was not taken."));
    }
  }

  /** @param {Item} item @param {string} problem */
  fail(item, problem) {
    this.list.failed(item, problem);
    this.hands.announce([`${item.file.name}: ${problem}`]);
  }

  /** @param {Item} item */
  remove(item) {
    this.list.remove(item);
    this.running.get(item)?.();
    this.view.forget(item);
    this.hands.composer.complain(null);
    this.go();
    this.keepPromise();
  }

  /** The composer takes along what is there. */
  carry() {
    const { carried } = this.hands.composer;
    const { files, items } = this.list;
    if (items.length === 0) {
      this.promised = false;
      carried.delete(SORT);
    } else {
      carried.set(SORT, { more: { files }, alone: true, waits: () => this.waits(), sent: () => this.clear() });
    }
  }

  /** Somebody has pressed Send. @returns {boolean} whether the message has to wait for its files */
  waits() {
    const { list, hands: { composer } } = this;
    if (list.broken) composer.complain(gettext("Not all files could be uploaded. Try those again, or remove them."));
    else this.promised = list.busy;
    this.view.show(list, this.promised);
    this.view.reveal(list.items.find(({ state }) => state === "failed"));
    return list.broken || list.busy;
  }

  keepPromise() {
    if (!this.promised || this.list.busy) return;
    this.promised = false;
    this.hands.composer.send();
  }

  clear() {
    for (const item of this.list.items) this.view.forget(item);
    this.list.items = [];
    this.go();
  }
}
