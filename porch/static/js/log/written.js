/** Reads the messages that the server wrote into the page. They are in the page once, for readers with script and without. */

/** @import { Me, Message } from "../base/types.js" */

/**
 * @param {HTMLElement} list as `parts/message.html` writes it
 * @param {{chatId: number, me: Me}} room
 * @returns {Message[]} oldest first
 */
export function writtenMessages(list, { chatId, me }) {
  let isGuest = false;
  return Array.from(list.querySelectorAll("li.msg"), (line) => {
    const { by, rev, guest, more } = /** @type {HTMLElement} */ (line).dataset;
    const seq = Number(line.id.slice(1));
    // Said of the first of those that belong together.
    if (!line.classList.contains("more")) isGuest = guest !== undefined;
    /** @param {string} selector */
    const stamp = (selector) => /** @type {HTMLTimeElement | null} */ (line.querySelector(selector))?.dateTime ?? null;
    return {
      chat_id: chatId,
      seq,
      rev: rev === undefined ? seq : Number(rev),
      timestamp: stamp(":scope > time") ?? "",
      // One's own messages carry no name: they say "You".
      username: line.querySelector("bdi")?.textContent ?? me.username,
      user_id: Number(by),
      guest: isGuest,
      content: line.querySelector(".say p")?.textContent ?? "",
      edited_at: stamp(".edited"),
      deleted: false,
      ...JSON.parse(more ?? "{}"),
    };
  });
}
