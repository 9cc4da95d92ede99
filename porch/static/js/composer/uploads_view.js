/** The files over the composer: what they look like, how far they are, what can be done with them. */

import { element, icon } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { LONGEST_ALT } from "../base/file_limits.js";
import { gettext } from "../base/gettext.js";
import { PICTURES } from "./picture_types.js";
import { sizeInWords } from "../base/sizes.js";

/** @import { Item, UploadList } from "./upload_list.js" */

/** @typedef {{line: HTMLLIElement, words: HTMLElement, bar: HTMLProgressElement, retry: HTMLButtonElement, address: string}} Drawn */

export class UploadsView {
  /**
   * @param {HTMLElement} form
   * @param {{remove: (item: Item) => void, retry: (item: Item) => void, describe: (item: Item, alt: string) => void, back: () => void}} hands
   */
  constructor(form, hands) {
    this.form = form;
    this.hands = hands;
    /** @type {Map<Item, Drawn>} */
    this.drawn = new Map();
    this.ul = element("ul", { class: "attached", "aria-label": gettext("Files that go with your message") });
    this.promise = element("p", { class: "small soft promise", role: "status" });
    this.box = element("div", {}, this.ul, this.promise);
  }

  /** @param {UploadList} list @param {boolean} promised whether the message waits for them */
  show({ items }, promised) {
    if (items.length === 0) return this.box.remove();
    if (!this.box.isConnected) this.form.before(this.box);
    for (const item of items) {
      if (!this.drawn.has(item)) this.ul.append(this.draw(item));
      this.move(item);
    }
    const words = promised ? gettext("Goes out as soon as the files are there.") : "";
    if (this.promise.textContent !== words) this.promise.textContent = words;
    return undefined;
  }

  /** @param {Item} item */
  draw(item) {
    const { file } = item;
    const isPicture = PICTURES.includes(file.type);
    const address = isPicture ? URL.createObjectURL(file) : "";
    const look = isPicture ? element("img", { src: address, alt: "", width: "48", height: "48" }) : element("span", { class: "look" }, drawing("file"));
    const words = element("span", { class: "small soft" });
    const bar = element("progress", { max: "1", "aria-label": gettext("Uploading %(name)s", { name: file.name }) });
    const retry = element("button", { type: "button", class: "btn little" }, gettext("Retry"));
    const remove = element("button", { type: "button", class: "tool", "aria-label": gettext("Remove %(name)s", { name: file.name }) }, drawing("close"));
    retry.addEventListener("click", () => { this.hands.retry(item); remove.focus(); });
    remove.addEventListener("click", () => { this.hands.remove(item); this.hands.back(); });
    const about = element("div", { class: "about" }, element("bdi", { class: "clip" }, file.name), words, bar);
    if (isPicture) about.append(this.description(item));
    const line = element("li", {}, look, about, retry, remove);
    this.drawn.set(item, { line, words, bar, retry, address });
    return line;
  }

  /** @param {Item} item */
  description(item) {
    const field = element("input", { class: "input", maxlength: String(LONGEST_ALT), autocomplete: "off", dir: "auto", enterkeyhint: "done", placeholder: gettext("Describe this picture"), "aria-label": gettext("Describe %(name)s for those who do not see it", { name: item.file.name }) });
    field.addEventListener("input", () => this.hands.describe(item, field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); this.hands.back(); }
    });
    return field;
  }

  /** @param {Item} item how far it is may have changed */
  move(item) {
    const drawn = this.drawn.get(item);
    if (!drawn) return;
    const { line, words, bar, retry } = drawn;
    line.classList.toggle("failed", item.state === "failed");
    bar.hidden = item.state === "done" || item.state === "failed";
    bar.value = item.part;
    retry.hidden = item.state !== "failed" || item.file.size === 0;
    const said = inWords(item);
    if (words.textContent !== said) words.replaceChildren(...(item.state === "failed" ? [icon("alert"), said] : [said]));
  }

  /** Into sight, as the list shows only some. @param {Item | undefined} item */
  reveal(item) {
    if (item) this.drawn.get(item)?.line.scrollIntoView({ block: "nearest" });
  }

  /** @param {Item} item */
  forget(item) {
    const drawn = this.drawn.get(item);
    if (!drawn) return;
    drawn.line.remove();
    if (drawn.address) URL.revokeObjectURL(drawn.address);
    this.drawn.delete(item);
  }
}

/** @param {Item} item */
function inWords({ state, part, tries, problem, file }) {
  if (state === "failed") return problem;
  const size = sizeInWords(file.size);
  if (state === "done") return size;
  if (state === "waiting") return tries > 0 ? gettext("%(size)s, trying again", { size }) : gettext("%(size)s, waiting", { size });
  return part < 1 ? gettext("%(size)s, %(percent)s %%", { size, percent: Math.floor(part * 100) }) : gettext("%(size)s, being made ready", { size });
}
