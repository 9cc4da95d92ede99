/** What one does with a message: copy its link, edit it, take it back. Loaded late, by `acting.js`; the room lends what it needs. */

import { ActionMenu } from "./action_menu.js";
import { askToTakeBack } from "./delete_question.js";
import { element, isTouch } from "./dom.js";
import { Editor } from "./editor.js";
import { copy } from "./share.js";

/** @import { Composer } from "./composer.js" */
/** @import { Feed } from "./feed.js" */
/** @import { Roving } from "./roving.js" */
/** @import { Clock } from "./time.js" */
/** @import { Me, Message } from "./types.js" */

/**
 * @typedef {object} Hands what the room's page lends
 * @property {HTMLElement} list
 * @property {Feed} feed
 * @property {Me} me
 * @property {Clock} clock
 * @property {Composer} composer
 * @property {Roving} roving
 * @property {typeof import("./api.js").request} request
 * @property {(message: Message) => void} changed the server has answered with the message as it is now
 * @property {(lines: string[]) => void} announce
 * @property {() => Promise<void>} toNewest
 * @property {() => boolean} sending whether something that was written here is on its way
 */

export class Actions {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    this.editor = new Editor(hands);
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
      about: `${mine ? "You" : message.username}, ${clock.full(Date.parse(message.timestamp))}`,
      choices: [
        { drawing: "link", words: "Copy link", choose: () => this.copyLink(seq) },
        ...(mine ? [
          { drawing: "edit", words: "Edit", choose: () => this.edit(seq) },
          { drawing: "delete", words: "Delete", risky: true, choose: () => this.takeBack(seq) },
        ] : feed.chat.kind === "direct" ? [] : [
          // By number: whoever has the name now may be somebody else.
          { drawing: "talk", words: "Chat in private", choose: () => location.assign(`/direct/?to=${message.user_id}`) },
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
  edit(seq) {
    const message = this.find(seq);
    if (message) void this.styled.then(() => this.editor.begin(message));
  }

  /** @param {number} seq */
  takeBack(seq) {
    const message = this.find(seq);
    if (!message) return;
    const { request, feed, changed } = this.hands;
    askToTakeBack(message, {
      remove: () => request("DELETE", `/chats/${feed.chat.id}/messages/${seq}`),
      removed: (tombstone) => { if (this.editor.edits(seq)) this.editor.end(); if (tombstone) changed(tombstone); },
      closed: () => this.focus(seq),
    });
  }

  /** Edits the last message of one's own that the server has. */
  async recall() {
    const { feed, me, composer, announce, toNewest, sending } = this.hands;
    if (sending()) return announce(["Your last message is still on its way."]);
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
    this.hands.announce(["That message is no longer there."]);
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

/** @param {string} href @returns {Promise<void>} settled when the style sheet is there, or cannot be had */
function styled(href) {
  return new Promise((done) => {
    const link = element("link", { rel: "stylesheet", href });
    link.addEventListener("load", () => done());
    link.addEventListener("error", () => done());
    document.head.append(link);
  });
}
