/** What is found in an encrypted chat, under the field of the panel that it was typed into. */

import { shownName } from "../base/shown_name.js";
import { button, element } from "../base/dom.js";
import { gettext, ngettext } from "../base/gettext.js";
import { styled } from "../base/late_style.js";
import { plainText } from "../messages/markdown.js";
import { LogSearch } from "./log_search.js";
import { OpenedLog } from "./opened_log.js";
import { searchExcerpt } from "./search_excerpt.js";
import { marksOf, soughtIn } from "./search_words.js";
import { Clock, localeFor } from "../base/time.js";

/** @import { EnvelopeLine } from "./envelope_line.js" */
/** @import { Hit } from "./log_search.js" */
/** @import { Sought } from "./search_words.js" */
/** @import { Chat } from "../base/types.js" */

/** As the server's search. */
const LONGEST = 200;

export class SearchView {
  /** @param {HTMLFormElement} form @param {EnvelopeLine} line @param {{chat: Pick<Chat, "id" | "url">, goTo: (seq: number) => Promise<void>}} room */
  constructor(form, line, { chat, goTo }) {
    this.field = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
    this.chat = chat;
    this.goTo = goTo;
    this.log = new OpenedLog(chat.id, (path) => line.fetch(path));
    this.clock = new Clock({ locale: localeFor(navigator.languages) });
    /** @type {LogSearch | null} */
    this.current = null;
    /** Two searches would read the log twice. @type {Promise<void>} */
    this.last = styled(form.dataset.styles ?? "");
    // How far it has come is not read aloud; how it ends is.
    this.progress = element("p", { class: "small soft" });
    this.end = element("p", { class: "small soft", role: "status" });
    this.list = element("ul");
    this.ways = element("div", { class: "go" });
    this.place = element("div", { class: "hits" }, this.progress, this.end, this.list, this.ways);
    form.after(this.place);
    this.field.addEventListener("input", () => { if (this.field.value === "") this.clear(); });
  }

  /** Looks for what stands in the field. */
  search() {
    this.clear();
    this.go(new LogSearch(this.log, soughtIn(this.field.value.slice(0, LONGEST))));
  }

  clear() {
    this.current?.stop();
    this.current = null;
    for (const part of [this.progress, this.end, this.list, this.ways]) part.replaceChildren();
  }

  /** @param {LogSearch} search */
  go(search) {
    this.current = search;
    this.last = this.last.then(() => this.run(search));
  }

  /** @param {LogSearch} search */
  async run(search) {
    if (search !== this.current) return;
    this.end.textContent = "";
    this.count(search);
    this.offer(button(gettext("Stop"), () => search.stop()));
    let problem = "";
    try {
      await search.go((hits) => {
        if (search !== this.current) return;
        this.list.append(...hits.map((hit) => element("li", {}, this.line(hit, search.sought))));
        this.count(search);
      });
    } catch (error) {
      problem = gettext("The search was interrupted. %(reason)s", { reason: error instanceof Error ? error.message : "" });
    }
    if (search !== this.current) return;
    this.progress.textContent = "";
    this.end.textContent = [problem || this.outcome(search), unopened(search)].filter(Boolean).join(" ");
    this.offer(...search.isOver ? [] : [button(problem ? gettext("Try again") : gettext("Look further back"), () => this.go(search))]);
  }

  /** @param {LogSearch} search */
  count({ looked }) {
    this.progress.textContent = ngettext("Searching in this browser: %(num)s message so far.", "Searching in this browser: %(num)s messages so far.", looked);
  }

  /** Under the finger stays what it has pressed. @param {HTMLButtonElement[]} ways */
  offer(...ways) {
    const held = this.ways.contains(document.activeElement);
    this.ways.replaceChildren(...ways);
    if (held) (ways[0] ?? this.field).focus();
  }

  /** @param {LogSearch} search */
  outcome({ isOver, looked }) {
    const { length: found } = this.list.children;
    if (found > 0) return ngettext("%(num)s message was found.", "%(num)s messages were found.", found);
    if (isOver) return gettext("Nothing was found");
    return ngettext("Nothing yet, in the newest message.", "Nothing yet, in the newest %(num)s messages.", looked);
  }

  /** @param {Hit} hit @param {Sought} sought */
  line({ message: { seq, username, timestamp, content }, marks }, sought) {
    // What was found where nobody reads it, as in the address of a link, is shown in what was typed.
    const plain = plainText(content);
    const read = marksOf(sought, plain);
    const { pieces, cutBefore, cutAfter } = read ? searchExcerpt(plain, read) : searchExcerpt(content, marks);
    const at = Date.parse(timestamp);
    const line = element(
      "a",
      { class: "hit", href: `${this.chat.url}messages/${seq}/` },
      element("span", { class: "about small soft" }, element("b", {}, element("bdi", {}, shownName(username))), element("time", { datetime: timestamp, title: this.clock.full(at) }, this.clock.short(at, Date.now()))),
      element("span", { class: "say", dir: "auto" }, cutBefore ? "… " : "", ...pieces.map(({ text, isFound }) => isFound ? element("mark", {}, text) : text), cutAfter ? " …" : ""),
    );
    line.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.place.closest("dialog")?.close();
      void this.goTo(seq);
    });
    return line;
  }
}

/** @param {LogSearch} search */
function unopened({ unopened: num }) {
  return num > 0 ? ngettext("%(num)s message cannot be opened here, and was not searched.", "%(num)s messages cannot be opened here, and were not searched.", num) : "";
}
