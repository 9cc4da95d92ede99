/** What the tabs of one person in one browser tell each other. Nothing hangs on it: what waits is looked at now and then anyway. */

/** @import { Word } from "./sender.js" */

const NAME = "porch-outbox";

export class Tabs {
  /** @param {number} userId @param {number} chatId @param {(word: Word) => void} hear */
  constructor(userId, chatId, hear) {
    this.from = { userId, chatId };
    this.channel = channel();
    this.channel?.addEventListener("message", ({ data }) => {
      if (data.userId === userId && (data.chatId === chatId || data.chatId === undefined)) hear(data.word);
    });
  }

  /** @param {Word} word */
  tell(word) {
    this.channel?.postMessage({ ...this.from, word });
  }
}

/** All rooms of a person, in every tab. @param {number} userId @param {Word} word */
export function tellAll(userId, word) {
  channel()?.postMessage({ userId, word });
}

function channel() {
  return typeof BroadcastChannel === "function" ? new BroadcastChannel(NAME) : null;
}
