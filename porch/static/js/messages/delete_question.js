/** Asks before a message is taken back, and takes it back. */

import { shownName } from "../base/shown_name.js";
import { element, icon } from "../base/dom.js";
import { filled } from "../base/filled.js";
import { gettext } from "../base/gettext.js";
import { gist } from "./gist.js";

/** @import { Message } from "../base/types.js" */

/** Of a long text so much is shown. */
const LENGTH = 300;

/**
 * @param {Message} message
 * @param {{remove: () => Promise<Message>, removed: (tombstone: Message | null) => void, closed: () => void, mine?: boolean}} room
 *   `removed`: null when it was gone already; `mine`: false where somebody takes back what another has said
 */
export function askToTakeBack(message, { remove, removed, closed, mine = true }) {
  const { username } = message;
  const content = gist(message);
  const text = content.length > LENGTH ? `${content.slice(0, LENGTH)} …` : content;
  const words = element("span");
  const problem = element("p", { class: "error", role: "alert", hidden: "" }, icon("alert"), words);
  const sure = element("button", { class: "btn risk", value: "delete" }, mine ? gettext("Delete") : gettext("Take back"));
  const dialog = element("dialog", { class: "sheet ask", "aria-labelledby": "h-take-back", "aria-describedby": "about-take-back" },
    element("h2", { id: "h-take-back" }, ...(mine ? [gettext("Delete your message?")] : filled(gettext("Take back this message of %(name)s?"), { name: element("bdi", {}, shownName(username)) }))),
    element("blockquote", { class: "say" }, element("p", { dir: "auto" }, text)),
    element("p", { id: "about-take-back" }, mine
      ? gettext("Its text is gone for everybody, at once, and nobody can bring it back. Whoever has seen it sees that you took it back.")
      : gettext("Its text is gone for everybody, at once, and nobody can bring it back. In its place stands that a moderator took it back.")),
    problem,
    element("form", { class: "go", method: "dialog" }, sure, element("button", { class: "btn", autofocus: "" }, gettext("Keep it"))));
  sure.addEventListener("click", async (event) => {
    event.preventDefault();
    if (sure.ariaBusy === "true") return;
    sure.ariaBusy = "true";
    try {
      removed(await remove());
      dialog.close();
    } catch (error) {
      sure.ariaBusy = "false";
      const { status, message } = /** @type {import("../base/api.js").ApiError} */ (error);
      if (status === undefined) throw error;
      if (status === 404) { removed(null); dialog.close(); }
      problem.hidden = false;
      words.textContent = gettext("Not deleted. %(reason)s", { reason: message });
    }
  });
  dialog.addEventListener("close", () => { dialog.remove(); closed(); });
  document.body.append(dialog);
  dialog.showModal();
}
