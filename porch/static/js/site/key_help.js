/** The dialog of `?`: which keys there are. Loaded with the first press. */

import { element } from "../base/dom.js";
import { gettext } from "../base/gettext.js";
import { styled } from "../base/late_style.js";

// L10n: as they stand on keyboards
const [ENTER, SHIFT, ESCAPE, TAB] = [gettext("Enter"), gettext("Shift"), gettext("Esc"), gettext("Tab")];
// L10n: as they stand on keyboards
const [HOME, END, UP, DOWN] = [gettext("Home"), gettext("End"), gettext("Page Up"), gettext("Page Down")];
const COMMAND = /Mac|iPhone|iPad/u.test(navigator.userAgent) ? "⌘" : gettext("Ctrl");
/** @type {[string, [string[], string][]][]} */
const KEYS = [
  [gettext("Everywhere"), [
    [[COMMAND, "K"], gettext("Go to another room, a person, or what was said")],
    [["?"], gettext("This list; not while you write")],
    [[ESCAPE], gettext("Close what lies over the page")],
  ]],
  [gettext("Writing"), [
    [[ENTER], gettext("Send")],
    [[SHIFT, ENTER], gettext("A new line")],
    [[COMMAND, ENTER], gettext("Send, on every device")],
    [["↑"], gettext("In the empty field: edit what you said last")],
    [[ESCAPE], gettext("Leave editing, and keep the message as it was")],
  ]],
  [gettext("In the conversation"), [
    [["↑", "↓"], gettext("From message to message")],
    [[UP, DOWN], gettext("Ten messages at once")],
    [[HOME], gettext("The first message that is loaded")],
    [[END], gettext("The newest message")],
    [[TAB], gettext("What can be done with the message")],
    [[ESCAPE], gettext("Back to the field")],
  ]],
];

/** @type {Promise<void> | undefined} */
let style;

/** @param {string} href of its style sheet */
export async function openKeyHelp(href) {
  await (style ??= styled(href));
  if (document.querySelector("dialog.keys")) return;
  const dialog = element("dialog", { class: "sheet keys", "aria-labelledby": "h-keys" },
    element("header", {}, element("h2", { id: "h-keys" }, gettext("Keyboard")),
      element("form", { method: "dialog" }, element("button", { class: "btn quiet little", autofocus: "" }, gettext("Close")))),
    ...KEYS.map(([where, keys]) => element("section", {},
      element("h3", { class: "aside" }, where),
      element("dl", {}, ...keys.map(([key, does]) => element("div", {},
        element("dt", {}, ...key.map((part) => element("kbd", {}, part.replaceAll(" ", "\u00a0")))), element("dd", {}, does)))))));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
