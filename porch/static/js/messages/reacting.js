/** Reactions and pins as the menu of a message offers them. */

import { faces } from "./faces.js";
import { gettext } from "../base/gettext.js";

/** @import { Choice } from "./action_menu.js" */
/** @import { Hands } from "./actions.js" */
/** @import { Chat, Message } from "../base/types.js" */

const LATER = gettext("What this takes could not be loaded. Try again when the line is back.");

export class Reacting {
  /** @param {Hands} hands @param {(seq: number) => void} focus back to a message */
  constructor(hands, focus) {
    this.hands = hands;
    this.focus = focus;
    /** @type {import("./picker.js").Picker | undefined} */
    this.picker = undefined;
  }

  /** @param {Message} message @param {() => void} close the menu, without the focus going anywhere */
  row({ seq, reactions = [] }, close) {
    const { me } = this.hands;
    return faces({
      mine: (emoji) => reactions.some((one) => one.emoji === emoji && one.user_ids.includes(me.user_id)),
      press: (emoji) => { close(); void this.press(seq, emoji); },
      more: () => { close(); void this.more(seq); },
    });
  }

  /** @param {number} seq @param {string} emoji */
  async press(seq, emoji) {
    const rich = await this.hands.rich();
    if (!rich) return this.hands.composer.complain(LATER);
    rich.reactions.press(seq, emoji);
    return this.focus(seq);
  }

  /** @param {number} seq */
  async more(seq) {
    try {
      const { Picker } = await import("./picker.js");
      this.picker ??= new Picker();
      this.picker.open({ chosen: (emoji) => void this.press(seq, emoji), closed: () => this.focus(seq) });
    } catch {
      this.hands.composer.complain(LATER);
      this.focus(seq);
    }
  }

  /** @param {Message} message @returns {Choice[]} */
  pinning({ seq, pinned }) {
    if (!mayPin(this.hands.feed.chat)) return [];
    return [{ drawing: "pin", words: pinned ? gettext("Unpin") : gettext("Pin"), choose: () => this.pin(seq, !pinned) }];
  }

  /** @param {number} seq @param {boolean} on */
  async pin(seq, on) {
    const { request, feed, changed, announce, composer } = this.hands;
    this.focus(seq);
    try {
      changed(await request(on ? "PUT" : "DELETE", `/chats/${feed.chat.id}/messages/${seq}/pin`));
      announce([on ? gettext("Pinned.") : gettext("No longer pinned.")]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "";
      composer.complain(on ? gettext("It could not be pinned. %(reason)s", { reason }) : gettext("It could not be unpinned. %(reason)s", { reason }));
    }
  }
}

/** As the server has it in `access.messages.confirm_pinner`. @param {Chat} chat */
function mayPin({ kind, may_moderate }) {
  return kind === "direct" || may_moderate === true;
}
