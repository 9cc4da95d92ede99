/** What is pinned in a room, the last one first. Pure; `pins.js` shows it. */

/** @import { Message } from "../base/types.js" */

export class PinList {
  constructor() {
    /** @type {Message[]} */
    this.messages = [];
  }

  /** Takes the list as the server has it now. @param {Message[]} messages */
  replace(messages) {
    this.messages = messages;
  }

  /**
   * Takes what has changed in the room.
   * @param {readonly Message[]} touched
   * @returns {boolean} false when the list has to be asked for: several were pinned since, and which one last is not told
   */
  take(touched) {
    let fresh = 0;
    for (const message of touched) {
      const place = this.messages.findIndex(({ seq }) => seq === message.seq);
      const known = this.messages[place];
      if (known && known.rev >= message.rev) continue;
      if (known && message.pinned) this.messages[place] = message;
      else if (known) this.messages.splice(place, 1);
      else if (message.pinned) {
        this.messages.unshift(message);
        fresh += 1;
      }
    }
    return fresh < 2;
  }
}
