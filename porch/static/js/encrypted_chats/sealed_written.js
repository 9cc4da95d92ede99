/** Opens the messages that the server wrote into the page of an encrypted chat, before anything else reads them. */

/** @import { EnvelopeLine } from "./envelope_line.js" */
/** @import { Message } from "../base/types.js" */

/**
 * @param {EnvelopeLine} line @param {HTMLElement} list as `parts/message.html` writes it
 * @param {{chatId: number, rev: number, more_before: boolean, more_after: boolean}} page
 * @returns {Promise<boolean>} false where what it takes could not be asked for
 */
export async function openWritten(line, list, { chatId, rev, more_before: moreBefore, more_after: moreAfter }) {
  const items = /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("li.msg"));
  try {
    for (const item of items) await open(line, item, chatId);
  } catch {
    return false;
  }
  // Where it ends before the log does, it is no part of what is read from there on.
  if (!moreAfter) line.wrote(moreBefore ? Number(items[0]?.id.slice(1) ?? Infinity) : 0, rev);
  line.read();
  return true;
}

/** @param {EnvelopeLine} line @param {HTMLElement} item @param {number} chatId */
async function open(line, item, chatId) {
  const seq = Number(item.id.slice(1));
  if (line.isKnown(seq)) return;
  const { envelope, ...more } = JSON.parse(item.dataset.more ?? "{}");
  const words = item.querySelector(".say p");
  const edited = item.querySelector(".edited")?.getAttribute("datetime") ?? null;
  const written = {
    chat_id: chatId, seq, rev: Number(item.dataset.rev ?? seq), user_id: Number(item.dataset.by), username: item.querySelector("bdi")?.textContent ?? "",
    content: words?.textContent ?? "", deleted: false, edited_at: edited, ...(envelope && { envelope }), ...more,
  };
  await line.take(/** @type {Message} */ (written));
  const { chat_id: _chat, seq: _seq, rev: _rev, user_id: _by, username: _name, deleted: _deleted, edited_at: _edited, content, envelope: _envelope, ...known } = written;
  if (words) words.textContent = content;
  item.dataset.more = JSON.stringify(known);
}
