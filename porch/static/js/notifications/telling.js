/**
 * What this browser does for somebody who is not looking: it tells by itself while a page is open, or is reached by push when
 * none is; and it says where somebody looks, so that nothing is pushed meanwhile. Lent to the room's and the lobby's page.
 */

import { tellActivity } from "./active.js";
import { Desktop } from "./desktop.js";
import { chosen } from "./desktop_choice.js";
import { Push } from "./push.js";

/** @import { Me, Notice } from "../base/types.js" */

/** Kept for the tab: whose browser this is was said to the server. */
const KEY = "porch.pushed";

export class Telling {
  /** @param {{request: typeof import("../base/api.js").request, me: Me, pushed: boolean, here?: number}} page `pushed`: somebody is reached by push, on any device; `here`: the chat it shows */
  constructor({ request, me, pushed, here }) {
    this.here = here;
    /** @type {Desktop | null} while it is wanted */
    this.desktop = null;
    this.choose();
    if (pushed || chosen() === "push") tellActivity(request);
    if (chosen() === "push") void renew(new Push(request), me);
  }

  /** Somebody has chosen how this browser tells. */
  choose() {
    this.desktop = chosen() === "page" ? this.desktop ?? new Desktop({ here: this.here }) : null;
  }

  /** @param {Notice} notice */
  tell(notice) {
    this.desktop?.tell(notice);
  }

  /** Something was said that this page knows the number of alone. @param {number} count how much waits */
  tellThat(count) {
    this.desktop?.tellThat(count);
  }
}

/** The server forgets a browser when its session ends; whoever comes back by another is told again. @param {Push} push @param {Me} me */
async function renew(push, { user_id }) {
  try {
    if (sessionStorage.getItem(KEY) === String(user_id)) return;
    await push.begin();
    sessionStorage.setItem(KEY, String(user_id));
  } catch {
    // The next page tries again.
  }
}
