/** Says how many messages came while one reads further up, and leads to them. */

import { gettext, ngettext } from "../base/gettext.js";

export class Pill {
  /** @param {HTMLButtonElement} button @param {() => void} onPress */
  constructor(button, onPress) {
    this.button = button;
    this.unseen = 0;
    button.addEventListener("click", onPress);
  }

  /** @param {number} count */
  add(count) {
    this.unseen += count;
  }

  clear() {
    this.unseen = 0;
  }

  /**
   * @param {{following: boolean, far: boolean}} reader whether they are at the end, and whether the newest messages are not even loaded
   */
  show({ following, far }) {
    this.button.hidden = following || (this.unseen === 0 && !far);
    const words = this.button.querySelector("span");
    if (words) words.textContent = this.unseen === 0 ? gettext("Newest messages") : ngettext("%(num)s new message", "%(num)s new messages", this.unseen);
  }
}
