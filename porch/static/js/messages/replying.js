/** Answering a message: what is written next names it. A line over the composer says so, until it is sent or called off. */

import { element } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { excerpt } from "./excerpt.js";
import { filled } from "../base/filled.js";
import { gettext } from "../base/gettext.js";
import { gist } from "./gist.js";
import { plainText } from "./markdown.js";

/** @import { Composer } from "../composer/composer.js" */
/** @import { Message } from "../base/types.js" */

const SORT = "reply";

export class Replying {
  /** @param {Composer} composer */
  constructor(composer) {
    this.composer = composer;
    this.about = element("span");
    this.words = element("bdi", { class: "soft" });
    const cancel = element("button", { type: "button", class: "btn little quiet" }, gettext("Cancel"));
    const said = element("span", { id: "replying", class: "grow clip", role: "status" }, this.about, " ", this.words);
    this.line = element("div", { class: "editing" }, drawing("reply"), said, cancel);
    cancel.addEventListener("click", () => { this.end(); composer.focus(); });
    composer.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.line.isConnected && !composer.borrower && !event.isComposing) this.end();
    });
  }

  /** @param {Message} message @param {boolean} mine */
  begin(message, mine) {
    const { composer } = this;
    const { seq, username } = message;
    this.about.replaceChildren(...(mine ? [gettext("Reply to yourself")] : filled(gettext("Reply to %(name)s"), { name: element("bdi", {}, username) })));
    this.words.textContent = excerpt(plainText(gist(message)));
    if (!this.line.isConnected) composer.form.before(this.line);
    composer.carried.set(SORT, { more: { reply_to: seq }, sent: () => this.end() });
    composer.focus();
  }

  end() {
    this.composer.carried.delete(SORT);
    this.line.remove();
  }
}
