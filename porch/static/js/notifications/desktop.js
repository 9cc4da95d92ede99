/**
 * Notifications of the computer, while a page is open. Of all tabs one speaks, which holds a lock; the others hand on what they
 * hear. Where somebody looks at a room nothing is told of it: the page that shows it does not hand it on. Loaded late.
 */

import { chosen } from "./desktop_choice.js";
import { gettext, ngettext } from "../base/gettext.js";

/** @import { Notice } from "../base/types.js" */

const NAME = "porch-desktop";
/** Told of and remembered, so that two tabs that hear the same tell it once. */
const MOST_KNOWN = 200;

export class Desktop {
  /** @param {{here?: number}} page the chat that it shows */
  constructor({ here } = {}) {
    this.here = here;
    this.speaks = false;
    /** @type {Map<number, number>} the last place told of, by chat */
    this.told = new Map();
    this.channel = new BroadcastChannel(NAME);
    this.channel.addEventListener("message", ({ data }) => { if (this.speaks) this.show(data); });
    // Held until this page goes.
    void navigator.locks.request(NAME, () => { this.speaks = true; return new Promise(() => {}); }).catch(() => {});
  }

  /** @param {Notice} notice */
  tell(notice) {
    if (this.speaks) this.show(notice);
    else this.channel.postMessage(notice);
  }

  /** Something was said that this page knows the number of alone. @param {number} count how much waits */
  tellThat(count) {
    const content = count < 100 ? ngettext("One message waits for you.", "%(num)s messages wait for you.", count) : gettext("Many messages wait for you.");
    this.tell({ chat_id: 0, kind: "direct", name: gettext("Something was said"), url: "/chatrooms/", seq: Date.now(), user_id: 0, username: "", content, called: false, count: 1 });
  }

  /** @param {Notice} notice */
  show({ chat_id, kind, name, url, seq, username, content: said, count }) {
    const content = said || gettext("Something was written.");
    if (chosen() !== "page" || seq <= (this.told.get(chat_id) ?? 0)) return;
    this.told.set(chat_id, seq);
    if (this.told.size > MOST_KNOWN) this.told.clear();
    const body = count > 1 ? ngettext("%(content)s (and %(num)s more)", "%(content)s (and %(num)s more)", count - 1, { content }) : content;
    const title = kind === "direct" ? name : gettext("%(name)s in %(room)s", { name: username, room: name });
    const shown = new Notification(title, { body, tag: `chat-${chat_id}`, icon: "/favicon.svg" });
    shown.addEventListener("click", () => {
      shown.close();
      focus();
      if (this.here !== chat_id) open(url, `chat-${chat_id}`);
    });
  }
}
