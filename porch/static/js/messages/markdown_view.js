/** Light Markdown as elements. Text goes in as text, and nothing but what is made here. */

import { element, icon } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { hiddenHost } from "./link_host.js";
import { flat } from "./markdown_inline.js";
import { copy } from "../base/share.js";
import { anchor } from "./text_view.js";

/** @import { Block } from "./markdown.js" */
/** @import { Span } from "./markdown_inline.js" */

const NAMES = /** @type {const} */ ({ b: "strong", i: "em", s: "s" });
/** How long it is said that code was copied. */
const SHOWN = 1500;

/** @param {Block[]} blocks @returns {HTMLElement} one paragraph as it always was; more of them in a box */
export function markdownView(blocks) {
  const [first, ...more] = blocks;
  if (first?.kind === "p" && more.length === 0) return blockView(first);
  return element("div", { class: "rich" }, ...blocks.map(blockView));
}

/** @param {Block} block @returns {HTMLElement} */
function blockView(block) {
  switch (block.kind) {
    case "p":
      return element("p", { dir: "auto" }, ...spansView(block.spans));
    case "code":
      return codeView(block);
    case "quote":
      return element("blockquote", {}, ...block.blocks.map(blockView));
    case "list": {
      const items = block.items.map(({ number, spans, lists }) => {
        const item = element("li", { dir: "auto" }, ...spansView(spans), ...lists.map(blockView));
        if (item instanceof HTMLLIElement && block.ordered) item.value = number;
        return item;
      });
      return element(block.ordered ? "ol" : "ul", {}, ...items);
    }
  }
}

/** @param {readonly Span[]} spans @returns {(Node | string)[]} */
function spansView(spans) {
  return spans.flatMap(/** @returns {(Node | string)[]} */ (span) => {
    if (typeof span === "string") return [span];
    if (span.kind === "code") return [element("code", {}, span.text)];
    if (span.kind !== "a") return [element(NAMES[span.kind], {}, ...spansView(span.spans))];
    const host = hiddenHost(flat(span.spans), span.href);
    return [anchor(span.href, ...spansView(span.spans)), ...(host ? [element("span", { class: "host" }, ` (${host})`)] : [])];
  });
}

/** @param {Extract<Block, {kind: "code"}>} block */
function codeView({ language, text }) {
  const code = element("code", {}, text);
  const label = element("span", { class: "hide", role: "status" });
  const button = element("button", { type: "button", class: "tool", "aria-label": gettext("Copy this code"), title: gettext("Copy") }, icon("copy"), label);
  button.addEventListener("click", async () => {
    const copied = await copy(text, code);
    button.classList.toggle("done", copied);
    label.textContent = copied ? gettext("Copied") : gettext("Press Ctrl+C to copy");
    setTimeout(() => { label.textContent = ""; button.classList.remove("done"); }, SHOWN);
  });
  return element("div", { class: "code" }, element("div", { class: "bar" }, element("span", {}, language), button), element("pre", {}, code));
}
