/** One line of the log as an element. `parts/message.html` makes the same for pages without script; keep the two alike. */

import { shownName } from "../base/shown_name.js";
import { element, icon } from "../base/dom.js";
import { filled } from "../base/filled.js";
import { gettext } from "../base/gettext.js";
import { plate } from "../base/plate_view.js";
import { PATIENCE } from "./rows.js";
import { textView } from "../messages/text_view.js";

/** @import { Row } from "./rows.js" */
/** @import { Clock } from "../base/time.js" */
/** @import { Message } from "../base/types.js" */

/** @typedef {import("../base/types.js").More & {content: string}} Told what is said in a line */

/** Its line is always there, so that nothing moves when the words come and go. */
const OLDER = {
  "": () => [],
  loading: () => [icon("retry", "i-s spin"), gettext("Loading older messages")],
  failed: () => [icon("alert"), gettext("Older messages do not come. Trying again.")],
};

export class MessageView {
  /**
   * @param {Clock} clock
   * @param {{roomName: () => string, beginning: string, rich: (message: Told) => import("../messages/rich.js").Rich | undefined, retry: (clientId: string) => void, discard: (clientId: string) => void}} room
   */
  constructor(clock, room) {
    this.clock = clock;
    this.room = room;
  }

  /** @param {Row} row @returns {HTMLLIElement} */
  draw(row) {
    switch (row.kind) {
      case "begin":
        return this.begin();
      case "older":
        return element("li", { class: "older" }, ...OLDER[row.sign]());
      case "day":
        return element("li", { class: "day aside" }, row.label);
      case "new":
        // L10n: from here on messages are new
        return element("li", { class: "fresh aside" }, gettext("New"));
      case "message":
        return this.message(row);
      case "entry":
        return this.entry(row);
    }
  }

  begin() {
    const name = element("bdi", { "data-room-name": "" }, this.room.roomName());
    return element("li", { class: "begin" }, element("h2", {}, name), element("p", {}, this.room.beginning));
  }

  /** @param {Extract<Row, {kind: "message"}>} row */
  message({ message, mine, more, target, called, at, key }) {
    const line = element("li", { class: `msg${mine ? " mine" : ""}${more ? " more" : ""}${target ? " at" : ""}${called ? " called" : ""}`, id: key });
    if (mine) line.append(hidden(gettext("You")));
    else if (more) line.append(hidden(element("bdi", {}, shownName(message.username))));
    else line.append(plate(message), by(message));
    line.append(element("div", { class: "say" }, ...(message.deleted ? [gone(message, mine)] : this.text(message))), this.time(at, message.timestamp));
    if (!message.deleted) line.append(element("button", { type: "button", class: "tool act", "data-keep": "act", "aria-label": gettext("More"), "aria-haspopup": "menu" }, icon("more", "")));
    return line;
  }

  /** @param {Told} told @returns {Node[]} */
  said(told) {
    return this.room.rich(told)?.draw(told) ?? [textView(told.content)];
  }

  /** @param {Message} message */
  text(message) {
    const { edited_at } = message;
    if (edited_at === null) return this.said(message);
    const title = gettext("Edited %(when)s", { when: this.clock.full(Date.parse(edited_at)) });
    return [...this.said(message), element("time", { class: "edited", datetime: edited_at, title }, gettext("edited"))];
  }

  /** @param {Extract<Row, {kind: "entry"}>} row */
  entry({ entry, more, slow, stuck }) {
    const state = visibleState(entry.state, slow);
    const line = element("li", { class: `msg mine${more ? " more" : ""} ${state}` });
    line.append(hidden(gettext("You")), element("div", { class: "say" }, ...this.said({ content: entry.content, ...entry.more })));
    line.append(this.time(entry.at, new Date(entry.at).toISOString()));
    if (state === "sending") line.append(element("p", { class: "note" }, icon("retry", "i-s spin"), gettext("Sending")));
    if (state === "waiting") line.append(element("p", { class: "note" }, element("span", {}, icon("clock"), entry.problem ? gettext("Waiting to send. %(reason)s", { reason: entry.problem }) : gettext("Waiting to send")), ...(stuck ? this.waysOut(entry, entry.tries >= PATIENCE) : [])));
    if (state === "failed") line.append(element("p", { class: "note" }, element("span", {}, icon("alert"), gettext("Not sent. %(reason)s", { reason: entry.problem })), ...this.waysOut(entry, true)));
    return line;
  }

  /** @param {import("./outbox.js").Entry} entry @param {boolean} tried whether it is the one to try again: those behind it follow */
  waysOut({ clientId }, tried) {
    const retry = element("button", { type: "button" }, gettext("Retry"));
    retry.addEventListener("click", () => this.room.retry(clientId));
    const discard = element("button", { type: "button" }, gettext("Discard"));
    discard.addEventListener("click", () => this.room.discard(clientId));
    return tried ? [retry, discard] : [discard];
  }

  /** @param {number} at @param {string} stamp */
  time(at, stamp) {
    return element("time", { datetime: stamp, title: this.clock.full(at) }, this.clock.time(at));
  }
}

/**
 * In its first moments a message looks sent, which it nearly always is; one that stands behind another waits.
 * @param {import("./outbox.js").Entry["state"]} state @param {boolean} slow
 */
function visibleState(state, slow) {
  if (state !== "queued" && state !== "sending") return state;
  if (!slow) return "sent";
  return state === "queued" ? "waiting" : "sending";
}

/** @param {string | Node} content read aloud, not shown */
function hidden(content) {
  return element("span", { class: "hide" }, content);
}

/** @param {Message} message */
function by({ username, guest }) {
  const line = element("div", { class: "by" }, element("b", {}, element("bdi", {}, shownName(username))));
  if (guest) line.append(element("span", {}, gettext("guest")));
  return line;
}

/** @param {Message} message @param {boolean} mine */
function gone({ username, removed }, mine) {
  if (removed) return element("p", { class: "gone" }, gettext("A moderator took this message back."));
  if (mine) return element("p", { class: "gone" }, gettext("You took this message back."));
  return element("p", { class: "gone" }, ...filled(gettext("%(name)s took this message back."), { name: element("bdi", {}, shownName(username)) }));
}
