/** What the page says about its line to the server: nothing, unless it has been gone for a while or for good. */

import { element, icon } from "./dom.js";

/** Shorter cuts are not worth a word. */
const PATIENCE = 5000;

export class Connection {
  /**
   * @param {HTMLElement} notice
   * @param {() => void} tryNow
   */
  constructor(notice, tryNow) {
    this.notice = notice;
    this.tryNow = tryNow;
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
    this.timer ??= setTimeout(() => this.say(
      "The line is down.",
      `${navigator.onLine ? "" : "This device is offline. "}Keep writing; it goes out when we are back, as long as this page stays open.`,
      this.button(),
    ), PATIENCE);
  }

  /** @param {number} status the server's last word */
  end(status) {
    this.connected();
    const here = encodeURIComponent(location.pathname);
    if (status === 401) this.say("You are logged out.", "Sign in to go on talking here.", way(`/sessions/new/?next=${here}`, "Sign in"), "alert");
    else this.say("This room is closed to you.", "It is gone, or its link has changed.", way("/chatrooms/", "Your rooms"), "alert");
    this.over = true;
  }

  /** @param {string} what @param {string} meaning @param {HTMLElement} way @param {"retry" | "alert"} [sign] */
  say(what, meaning, way, sign = "retry") {
    if (this.over) return;
    this.notice.replaceChildren(icon(sign, ""), element("p", {}, element("b", {}, what), ` ${meaning}`), way);
    this.notice.hidden = false;
  }

  button() {
    const button = element("button", { type: "button", class: "btn little" }, "Try now");
    button.addEventListener("click", this.tryNow);
    return button;
  }
}

/** @param {string} href @param {string} words */
function way(href, words) {
  return element("a", { class: "btn little", href }, words);
}
