/** What one does with a message: copy its link, edit it, take it back. Loaded late, by `acting.js`; the room lends what it needs. */

import { shownName } from "../base/shown_name.js";
import { ActionMenu } from "./action_menu.js";
import { askToTakeBack } from "./delete_question.js";
import { isTouch } from "../base/dom.js";
import { Editor } from "./editor.js";
import { gettext } from "../base/gettext.js";
import { styled } from "../base/late_style.js";
import { Reacting } from "./reacting.js";
import { Replying } from "./replying.js";
import { copy } from "../base/share.js";

/** @import { Composer } from "../composer/composer.js" */
/** @import { Feed } from "../log/feed.js" */
/** @import { Roving } from "../log/roving.js" */
/** @import { Clock } from "../base/time.js" */
/** @import { Me, Message } from "../base/types.js" */

/**
 * @typedef {object} Hands what the room's page lends
 * @property {HTMLElement} list
 * @property {Feed} feed
 * @property {Me} me
 * @property {Clock} clock
 * @property {Composer} composer
 * @property {Roving} roving
 * @property {typeof import("../base/api.js").request} request
 * @property {(message: Message) => void} changed the server has answered with the message as it is now
 * @property {(lines: string[]) => void} announce
 * @property {() => Promise<import("./rich.js").Rich | undefined>} rich the look of more than plain words; nothing without a network
 * @property {() => Promise<void>} toNewest
 * @property {(seq: number) => unknown} markUnread from this place on
 * @property {() => boolean} sending whether something that was written here is on its way
 */

export class Actions {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    this.editor = new Editor(hands);
    this.replying = new Replying(hands.composer);
    this.reacting = new Reacting(hands, (seq) => this.focus(seq));
    this.menu = new ActionMenu();
    this.styled = styled(hands.list.dataset.styles ?? "");
  }

  /** Something in the log was pressed. @param {EventTarget | null} target */
  press(target) {
    const line = target instanceof Element ? target.closest("li.msg[id]") : null;
    if (!(line instanceof HTMLElement) || !(target instanceof Element)) return;
    const button = target.closest(".act");
    if (button instanceof HTMLElement) void this.open(line, button);
    // A finger hovers nowhere: it chooses a message first, and the button shows.
    else if (isTouch() && !target.closest("a, button") && getSelection()?.isCollapsed !== false) this.hands.roving.go(line);
  }

  /** @param {HTMLElement} line @param {HTMLElement} button */
  async open(line, button) {
    const seq = Number(line.id.slice(1));
    const message = this.find(seq);
    if (!message) return;
    const { me, clock, feed } = this.hands;
    const mine = message.user_id === me.user_id;
    await this.styled;
    this.menu.open({
      button,
      about: `${mine ? gettext("You") : shownName(message.username)}, ${clock.full(Date.parse(message.timestamp))}`,
      above: this.reacting.row(message, () => this.menu.leave()),
      choices: [
        { drawing: "reply", words: gettext("Reply"), choose: () => this.reply(seq) },
        { drawing: "link", words: gettext("Copy link"), stays: true, choose: () => this.copyLink(seq) },
        ...this.reacting.pinning(message),
        ...(mine ? [] : [{ drawing: "unread", words: gettext("Mark unread from here"), choose: () => this.hands.markUnread(seq) }]),
        ...(mine && message.preview ? [{ drawing: "close", words: gettext("Take the preview off"), choose: () => this.takePreviewOff(seq) }] : []),
        ...(mine ? [
          { drawing: "edit", words: gettext("Edit"), choose: () => this.edit(seq) },
          { drawing: "delete", words: gettext("Delete"), risky: true, choose: () => this.takeBack(seq) },
        ] : [
          // By number: whoever has the name now may be somebody else.
          ...(feed.chat.kind === "direct" ? [] : [{ drawing: "talk", words: gettext("Chat in private"), choose: () => location.assign(`/direct/?to=${message.user_id}`) }]),
          // L10n: to do with a message
          { drawing: "report", words: gettext("Report"), choose: () => location.assign(`${feed.chat.url}messages/${seq}/report/`) },
          ...(feed.chat.may_moderate ? [
            // L10n: to do with whoever wrote it
            { drawing: "mute", words: gettext("Mute"), choose: () => location.assign(`${feed.chat.url}members/${message.user_id}/mute/`) },
            { drawing: "remove", words: gettext("Remove"), risky: true, choose: () => location.assign(`${feed.chat.url}members/${message.user_id}/`) },
            { drawing: "delete", words: gettext("Take back"), risky: true, choose: () => this.takeBack(seq, false) },
          ] : []),
        ]),
      ],
      closed: () => this.focus(seq),
    });
  }

  /** @param {number} seq */
  async copyLink(seq) {
    const room = document.getElementById("share-link")?.textContent?.trim() ?? `${location.origin}${this.hands.feed.chat.url}`;
    const link = `${room}messages/${seq}/`;
    const source = this.menu.show(link);
    this.menu.answer(await copy(link, source));
  }

  /** @param {number} seq */
  reply(seq) {
    const message = this.find(seq);
    if (!message) return;
    this.editor.end();
    // What draws answers is not to be missing when the line is: they may have to wait here.
    void this.hands.rich();
    this.replying.begin(message, message.user_id === this.hands.me.user_id);
  }

  /** @param {number} seq */
  edit(seq) {
    const message = this.find(seq);
    if (message) void this.styled.then(() => this.editor.begin(message));
  }

  /** @param {number} seq @param {boolean} [mine] */
  takeBack(seq, mine = true) {
    const message = this.find(seq);
    if (!message) return;
    const { request, feed, changed } = this.hands;
    askToTakeBack(message, {
      mine,
      remove: () => request("DELETE", `/chats/${feed.chat.id}/messages/${seq}`),
      removed: (tombstone) => { if (this.editor.edits(seq)) this.editor.end(); if (tombstone) changed(tombstone); },
      closed: () => this.focus(seq),
    });
  }

  /** @param {number} seq */
  async takePreviewOff(seq) {
    const { request, feed, changed, announce, composer } = this.hands;
    this.focus(seq);
    try {
      changed(await request("DELETE", `/chats/${feed.chat.id}/messages/${seq}/preview`));
      announce([gettext("The preview is off.")]);
    } catch (error) {
      composer.complain(gettext("The preview could not be taken off. %(reason)s", { reason: error instanceof Error ? error.message : "" }));
    }
  }

  /** Edits the last message of one's own that the server has. */
  async recall() {
    const { feed, me, composer, announce, toNewest, sending } = this.hands;
    if (sending()) return announce([gettext("Your last message is still on its way.")]);
    if (feed.window.moreAfter) await toNewest();
    const last = feed.messages.findLast((message) => message.user_id === me.user_id && !message.deleted);
    if (last && composer.field.value === "") this.edit(last.seq);
    return undefined;
  }

  shown() {
    this.editor.shown();
  }

  /** @param {number} seq @returns {Message | undefined} unless it is gone */
  find(seq) {
    const message = this.hands.feed.messages.find((one) => one.seq === seq);
    if (message && !message.deleted) return message;
    this.hands.announce([gettext("That message is no longer there.")]);
    return undefined;
  }

  /** To the message, however often it was drawn again; its place when it is gone. @param {number} seq */
  focus(seq) {
    const { roving, composer } = this.hands;
    const line = document.getElementById(`m${seq}`);
    const button = line?.querySelector(".act");
    if (button instanceof HTMLElement) button.focus({ preventScroll: true });
    else if (line) roving.go(line);
    else composer.focus();
  }
}
