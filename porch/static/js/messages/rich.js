/**
 * The look of messages that are more than plain words. Loaded by the room's page when one is there; until then, and where it
 * cannot be had, their words stand as they were written.
 */

import { element } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { isLarge } from "./emoji.js";
import { filesView } from "./files_view.js";
import { gettext } from "../base/gettext.js";
import { styled } from "../base/late_style.js";
import { parse, plainText } from "./markdown.js";
import { markdownView } from "./markdown_view.js";
import { previewView } from "./preview_view.js";
import { Quotes } from "./quotes.js";
import { Reactions } from "./reactions.js";
import { see } from "./seeing.js";
import { textView } from "./text_view.js";

/** @import { Feed } from "../log/feed.js" */
/** @import { Me, Message, More } from "../base/types.js" */

/**
 * @typedef {object} RichHands what the room's page lends
 * @property {Feed} feed
 * @property {Me} me
 * @property {typeof import("../base/api.js").request} request
 * @property {() => void} changed something looks different now
 * @property {(message: Message) => void} took the server has answered with the message as it is now
 * @property {(problem: string) => void} complain
 * @property {(seq: number) => void} go to another message
 */

/** @typedef {More & {content: string, seq?: number}} Told a message, or what is on its way to be one */

export class Rich {
  /** @param {RichHands} hands */
  constructor(hands) {
    this.hands = hands;
    this.quotes = new Quotes(hands);
    this.reactions = new Reactions(hands);
    this.styled = styled;
    this.plainText = plainText;
  }

  /** What the look of this message hangs on, beside the message itself. @param {Told} told */
  sign(told) {
    const { reply_to, unopened } = told;
    return `${unopened ? "shut" : "rich"}${reply_to === undefined ? "" : this.quotes.sign(reply_to)}${this.reactions.sign(told)}`;
  }

  /** @param {Told} told @returns {Node[]} */
  draw(told) {
    const { content, files, reply_to, pinned, preview, seq, unopened } = told;
    return [
      ...(pinned ? [element("span", { class: "pin" }, drawing("pin"), gettext("Pinned"))] : []),
      ...(reply_to === undefined ? [] : [this.quotes.draw(reply_to)]),
      ...(content === "" && files ? [] : [unopened ? element("p", { class: "gone" }, content) : said(told)]),
      ...(files ? [filesView(files, (picture) => void see(this.hands.feed, picture))] : []),
      ...(preview ? previewView(preview) : []),
      ...(seq === undefined ? [] : this.reactions.draw(/** @type {Message} */ (told))),
    ];
  }
}

/** @param {Told} told */
function said({ content }) {
  const blocks = parse(content);
  // Marks with nothing between them are words.
  const view = blocks.length === 0 ? textView(content) : markdownView(blocks);
  if (isLarge(content)) view.classList.add("large");
  return view;
}
