/** What the page says about its connection to the server: nothing, unless it has been gone for a while or for good. */

import { button, element, icon, way } from "../base/dom.js";
import { gettext } from "../base/gettext.js";

/** @import { Me } from "../base/types.js" */

/** Shorter cuts are not worth a word. */
const PATIENCE = 5000;

export class Connection {
  /**
   * @param {HTMLElement} notice
   * @param {{readonly meanwhile: string, tryNow: () => void}} page `meanwhile`: what a cut means for whoever reads
   */
  constructor(notice, page) {
    this.notice = notice;
    this.page = page;
    this.over = false;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
  }

  /** @returns {boolean} whether it was lost before */
  connected() {
    if (this.timer === null) return false;
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.over) this.notice.hidden = true;
    return true;
  }

  lost() {
    this.timer ??= setTimeout(() => {
      if (this.over) return;
      const words = navigator.onLine ? [] : [gettext("This device is offline.")];
      this.say("retry", [element("b", {}, gettext("The line is down.")), ` ${[...words, this.page.meanwhile].join(" ")}`], button(gettext("Try now"), () => this.page.tryNow()));
    }, PATIENCE);
  }

  /** The last word, until `begin`. @param {(string | Node)[]} words @param {HTMLElement[]} ways on */
  end(words, ...ways) {
    this.connected();
    this.over = true;
    this.say("alert", words, ...ways);
  }

  begin() {
    this.over = false;
    this.notice.hidden = true;
  }

  /** @param {Me} me who was signed in here */
  endSession(me) {
    const here = encodeURIComponent(location.pathname);
    const [more, words, page] = me.guest ? [gettext("Sign in to go on talking here."), gettext("Sign in"), "/sessions/new/"]
      : [gettext("Log in to go on talking here."), gettext("Log in"), "/login/"];
    this.end([element("b", {}, gettext("You are logged out.")), ` ${more}`], way(words, `${page}?next=${here}`));
  }

  /** @param {"retry" | "alert"} sign @param {(string | Node)[]} words @param {HTMLElement[]} ways on */
  say(sign, words, ...ways) {
    this.notice.replaceChildren(icon(sign, ""), element("p", {}, ...words), element("div", { class: "go" }, ...ways));
    this.notice.hidden = false;
  }
}
