/** The button that asks to be told on this device, beside what one wants to be told of. */

import { choose, chosen } from "./desktop_choice.js";
import { element, put } from "../base/dom.js";
import { gettext } from "../base/gettext.js";

/** @typedef {typeof import("../base/api.js").request} Request */

const DENIED = gettext("The browser does not allow it. Its settings for this site can.");
const OPEN_ONLY = gettext("You are told while a page of this site is open.");

/** @param {HTMLButtonElement} press @param {Request} request @param {() => void} turned */
export function setUpDesktop(press, request, turned) {
  const answer = element("span", { class: "small soft", role: "status" });
  press.addEventListener("click", async () => {
    press.disabled = true;
    put(answer, chosen() ? await end(request) : await begin(request));
    press.disabled = false;
    show();
    turned();
  });
  const show = () => put(press, chosen() ? gettext("Do not tell me on this device") : gettext("Tell me on this device"));
  show();
  press.after(answer);
}

/** By push where it can be had, also when no page is open; else while one is. @param {Request} request @returns {Promise<string>} what there is to say */
async function begin(request) {
  if (await Notification.requestPermission() !== "granted") return DENIED;
  const { obstacle, Push } = await import("./push.js");
  if (obstacle() === null) {
    try {
      await new Push(request).begin();
      choose("push");
      return gettext("You are told here, also when no page of this site is open.");
    } catch {
      // Some browsers have the means, and no push service behind them.
    }
  }
  return choose("page") ? OPEN_ONLY : gettext("This browser keeps nothing for this site, so it cannot remember.");
}

/** @param {Request} request */
async function end(request) {
  const way = chosen();
  choose(null);
  if (way !== "push") return "";
  try {
    const { Push } = await import("./push.js");
    await new Push(request).end();
    return "";
  } catch {
    return gettext("The line is bad: this device may be told until you log out.");
  }
}
