/** Editing in the composer: what stood there is set aside, and comes back when the edit is saved or cancelled. */

import { element, icon } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { gettext } from "../base/gettext.js";
import { askBeforeLeaving } from "../base/unsaved.js";

/** @import { Hands } from "./actions.js" */
/** @import { Message } from "../base/types.js" */

/** A save that is quicker than this, in milliseconds, needs no word about it. */
const SLOW = 300;
const EDITING = gettext("Editing your message");
const GONE = gettext("You deleted this message meanwhile. It cannot be edited any more.");

export class Editor {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    /** @type {Message | null} as it was when the editing began, or when its author was last told of a change */
    this.message = null;
    this.saving = false;
    /** Whether the last try to save it got no answer. */
    this.unanswered = false;
    this.words = element("span", { id: "editing", class: "grow", role: "status" });
    this.sign = element("span", {}, drawing("edit"));
    this.cancel = element("button", { type: "button", class: "btn little quiet" }, gettext("Cancel"));
    this.line = element("div", { class: "editing" }, this.sign, this.words, this.cancel);
    this.cancel.addEventListener("click", () => this.end());
    const { field, form } = hands.composer;
    this.send = /** @type {HTMLButtonElement} */ (form.querySelector(".door"));
    this.arrow = [...this.send.childNodes];
    this.label = field.ariaLabel;
    this.described = field.getAttribute("aria-describedby") ?? "";
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.message && !event.isComposing) this.end();
    });
    field.addEventListener("beforeinput", (event) => { if (this.saving) event.preventDefault(); });
    askBeforeLeaving(() => this.unsaved);
  }

  /** @param {number} seq */
  edits(seq) {
    return this.message?.seq === seq;
  }

  /** Whether something was changed that only this page has. */
  get unsaved() {
    return this.message !== null && this.hands.composer.field.value !== this.message.content;
  }

  /** The line is back: what could not be saved can be. */
  back() {
    if (this.unanswered) this.hands.composer.complain(null);
    this.unanswered = false;
  }

  /** @param {Message} message */
  begin(message) {
    if (this.saving) return;
    const { composer } = this.hands;
    if (!this.message) {
      composer.form.before(this.line);
      this.send.ariaLabel = gettext("Save");
      this.send.replaceChildren(drawing("check"));
      composer.field.ariaLabel = gettext("Edit your message");
      composer.field.setAttribute("aria-describedby", `${this.described} editing`);
    } else {
      composer.giveBack();
    }
    this.message = message;
    composer.lend((content) => this.take(content), message.content);
    this.say(EDITING);
    this.shown();
    document.getElementById(`m${message.seq}`)?.scrollIntoView({ block: "nearest" });
    composer.focus();
    composer.field.setSelectionRange(message.content.length, message.content.length);
  }

  end() {
    if (!this.message || this.saving) return;
    const { composer } = this.hands;
    this.message = null;
    this.unanswered = false;
    this.line.remove();
    this.send.ariaLabel = gettext("Send");
    this.send.replaceChildren(...this.arrow);
    composer.field.ariaLabel = this.label;
    composer.field.setAttribute("aria-describedby", this.described);
    composer.giveBack();
    this.shown();
    composer.focus();
  }

  /** @param {string} content @returns {string | null} why it is not saved */
  take(content) {
    if (!this.message || this.saving) return null;
    if (content === "") return gettext("An empty message says nothing. To take it back, cancel and delete it.");
    if (this.loaded?.deleted) return GONE;
    if (content === this.message.content) this.end();
    else void this.save(this.message, content);
    return null;
  }

  /** @param {Message} message @param {string} content */
  async save({ chat_id, seq }, content) {
    const { request, changed, composer, announce } = this.hands;
    this.busy(true);
    try {
      const message = await request("PATCH", `/chats/${chat_id}/messages/${seq}`, { content });
      this.busy(false);
      this.end();
      changed(message);
      announce([gettext("Saved.")]);
    } catch (error) {
      const { status, message, fields } = /** @type {import("../base/api.js").ApiError} */ (error);
      if (status === undefined) throw error;
      this.busy(false);
      this.unanswered = status === 0;
      composer.complain(status === 404 || status === 409 ? GONE : gettext("Not saved. %(reason)s", { reason: fields.content ?? message }));
    }
  }

  /** @param {boolean} busy */
  busy(busy) {
    this.saving = busy;
    this.cancel.disabled = busy;
    this.hands.composer.form.ariaBusy = String(busy);
    if (busy) setTimeout(() => { if (this.saving) this.say(gettext("Saving"), icon("retry", "spin")); }, SLOW);
    else this.say(EDITING);
  }

  /** The message as the page has it now. */
  get loaded() {
    return this.hands.feed.messages.find(({ seq }) => this.edits(seq));
  }

  /** The log was drawn: marks the message that is edited, and tells of what happened to it elsewhere. */
  shown() {
    const { list, composer } = this.hands;
    for (const line of list.querySelectorAll(".now")) line.classList.remove("now");
    if (!this.message) return;
    document.getElementById(`m${this.message.seq}`)?.classList.add("now");
    const { loaded } = this;
    if (!loaded || this.saving || loaded.rev <= this.message.rev) return;
    this.message = loaded;
    if (loaded.deleted) {
      this.unanswered = false;
      this.say(EDITING);
      composer.complain(GONE);
    } else this.say(gettext("Edited elsewhere meanwhile; saving replaces that"));
  }

  /** @param {string} words @param {Element} [sign] */
  say(words, sign = drawing("edit")) {
    this.words.textContent = words;
    this.sign.replaceChildren(sign);
  }
}
