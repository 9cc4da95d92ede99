/** The row of a message's menu with the emoji that people react with most, and the way to all others. */

import { element } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { gettext } from "../base/gettext.js";

export const COMMON = ["👍", "❤️", "😂", "🎉", "😮", "😢"];
const NAMES = [gettext("Thumbs up"), gettext("Heart"), gettext("Laughing"), gettext("Party"), gettext("Surprised"), gettext("Sad")];

/**
 * @param {{mine: (emoji: string) => boolean, press: (emoji: string) => void, more: () => void}} message
 * @returns {HTMLElement}
 */
export function faces({ mine, press, more }) {
  const buttons = COMMON.map((emoji, at) => {
    const pressed = mine(emoji);
    const face = element("button", { type: "button", role: "menuitemcheckbox", class: "face", "aria-checked": String(pressed), "aria-label": pressed ? gettext("%(name)s, yours", { name: NAMES[at] }) : NAMES[at], title: NAMES[at] }, element("span", { class: "emoji" }, emoji));
    face.addEventListener("click", () => press(emoji));
    return face;
  });
  const others = element("button", { type: "button", role: "menuitem", class: "face", "aria-label": gettext("More emoji"), "aria-haspopup": "dialog", title: gettext("More emoji") }, drawing("smile"));
  others.addEventListener("click", more);
  return element("div", { class: "faces", role: "group", "aria-label": gettext("React") }, ...buttons, others);
}
