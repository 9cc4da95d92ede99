/** Files that are chosen, pasted or dropped. What is done with them is loaded when there are some. */

import { element } from "../base/dom.js";
import { gettext } from "../base/gettext.js";

/** @import { Hands, Uploads } from "./uploads.js" */

export class Attaching {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    const { composer } = hands;
    const button = document.getElementById("attach");
    /** @type {Promise<Uploads> | null} */
    this.loading = null;
    // Where the site takes no files there is no button.
    if (!button) return;
    button.addEventListener("click", () => this.choose());
    composer.field.addEventListener("paste", (event) => {
      const { clipboardData: pasted } = event;
      // A table that is copied comes as words and as a picture of them: the words are meant.
      if (pasted && pasted.files.length > 0 && pasted.getData("text/plain") === "" && !composer.borrower) {
        event.preventDefault();
        void this.add(pasted.files);
      }
    });
    document.addEventListener("dragenter", (event) => { if (this.takes(event)) void this.load(); });
    document.addEventListener("dragover", (event) => { if (this.takes(event)) event.preventDefault(); });
    document.addEventListener("drop", (event) => {
      if (!this.takes(event)) return;
      event.preventDefault();
      void this.add(/** @type {DataTransfer} */ (event.dataTransfer).files);
    });
  }

  /** The dialog opens in the very press: a browser does not let a script open it later. */
  choose() {
    const input = element("input", { type: "file", multiple: "", hidden: "" });
    input.addEventListener("change", () => {
      void this.add(/** @type {FileList} */ (input.files));
      input.remove();
    });
    input.addEventListener("cancel", () => input.remove());
    // In the page, as Safari may forget an input that nothing holds while somebody is still choosing.
    document.body.append(input);
    input.click();
  }

  /** @param {DragEvent} event */
  takes({ dataTransfer }) {
    return dataTransfer?.types.includes("Files") === true && !this.hands.composer.field.readOnly;
  }

  /** @param {FileList} files */
  async add(files) {
    // The list may be emptied as soon as the event is over.
    const chosen = [...files];
    (await this.load(true))?.add(chosen);
  }

  /** @param {boolean} [wish] whether somebody waits for it @returns {Promise<Uploads | undefined>} */
  async load(wish = false) {
    this.loading ??= import("./uploads.js").then(({ Uploads }) => new Uploads(this.hands));
    try {
      return await this.loading;
    } catch {
      this.loading = null;
      if (wish) this.hands.composer.complain(gettext("What this takes could not be loaded. Try again when the line is back."));
      return undefined;
    }
  }
}
