/** What one does with messages is loaded when somebody comes near one: by pointer, finger or keyboard. */

import { gettext } from "../base/gettext.js";

/** @import { Actions, Hands } from "./actions.js" */

export class Acting {
  /** @param {HTMLElement} list @param {Hands} hands */
  constructor(list, hands) {
    this.hands = hands;
    /** @type {Promise<Actions | undefined> | null} */
    this.loading = null;
    /** @type {Actions | undefined} */
    this.actions = undefined;
    this.tries = 0;
    for (const sign of ["pointerover", "focusin"]) list.addEventListener(sign, () => void this.load(), { once: true });
    list.addEventListener("click", ({ target }) => {
      const wish = target instanceof Element && target.closest(".act") !== null;
      void this.load(wish).then((actions) => actions?.press(target));
    });
  }

  /**
   * @param {boolean} [wish] whether somebody waits for it
   * @returns {Promise<Actions | undefined>} nothing when the network is gone; the next wish asks again
   */
  async load(wish = false) {
    this.loading ??= this.fetch().then(({ Actions }) => (this.actions = new Actions(this.hands)), () => {
      this.loading = null;
      this.tries += 1;
      return undefined;
    });
    const actions = await this.loading;
    if (wish) this.hands.composer.complain(actions ? null : gettext("What this takes could not be loaded. Try again when the line is back."));
    return actions;
  }

  /** Some browsers never ask again for an address that failed. @returns {Promise<typeof import("./actions.js")>} */
  fetch() {
    return this.tries === 0 ? import("./actions.js") : import(`./actions.js?${this.tries}`);
  }

  /** Up in an empty field. */
  async recall() {
    await (await this.load(true))?.recall();
  }

  /** Whether a message is being edited and was changed. */
  get unsaved() {
    return this.actions?.editor.unsaved === true;
  }

  /** The line is back. */
  back() {
    this.actions?.editor.back();
  }

  /** The log was drawn. */
  shown() {
    this.actions?.shown();
  }
}
