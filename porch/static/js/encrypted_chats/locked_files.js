/** The files of locked messages: fetched and opened when somebody sees or wants them. Loaded where there are some. */

import { element } from "../base/dom.js";
import { lockedLength, unlockFile } from "../crypto/file_lock.js";
import { gettext } from "../base/gettext.js";
import { Refused } from "../crypto/refused.js";

/** @import { Attached } from "../base/types.js" */
/** @typedef {Attached & {lock: NonNullable<Attached["lock"]>}} Locked */

/** Bytes of opened pictures that are kept, the last seen ones; others are opened again when they are seen again. */
const MOST_KEPT = 64_000_000;
/** Milliseconds after which a file that was saved is let go: the browser has it by then. */
const SAVED = 60_000;
/** Milliseconds between tries while the server does not answer. */
const PAUSE = 4000;
/** Answers that stay what they are. */
const GONE = [403, 404, 410];

/** @type {Map<number, {size: number, address: Promise<string>}>} opened pictures by id, the last seen one at the end */
const kept = new Map();
/** @type {WeakMap<Element, () => void>} what to do when it comes into view */
const waiting = new WeakMap();
const watching = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watching.unobserve(target);
    waiting.get(target)?.();
  }
}, { rootMargin: "200px" });

/** The address of a picture, as long as it is kept. Rejected with Refused, or what `fetch` raises. @param {Locked} file @returns {Promise<string>} */
export function addressOf(file) {
  const known = kept.get(file.id);
  kept.delete(file.id);
  const one = known ?? { size: file.size, address: contentOf(file).then((content) => URL.createObjectURL(new Blob([content], { type: file.media_type }))) };
  kept.set(file.id, one);
  one.address.catch(() => { if (kept.get(file.id) === one) kept.delete(file.id); });
  letGo();
  return one.address;
}

/** Puts a picture into its place once that is in view, or says there why not. @param {HTMLElement} place around the image @param {HTMLImageElement} image @param {Locked} file */
export function showWhenSeen(place, image, file) {
  waiting.set(image, () => void show(place, image, file));
  watching.observe(image);
}

/** Saves a file. @param {Locked} file @returns {Promise<string>} empty, or why not */
export async function saveFile(file) {
  try {
    // Whatever it claims to be, no browser opens it here.
    const address = URL.createObjectURL(new Blob([await contentOf(file)], { type: "application/octet-stream" }));
    element("a", { href: address, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), SAVED);
    return "";
  } catch (error) {
    return why(error);
  }
}

/** @param {unknown} error */
export function why(error) {
  if (!(error instanceof Refused)) return gettext("This file could not be loaded.");
  return error.code === "gone" ? gettext("This file is not there any more.") : gettext("This file cannot be opened. It was changed on its way, or locked with another key.");
}

/** @param {HTMLElement} place @param {HTMLImageElement} image @param {Locked} file */
async function show(place, image, file) {
  try {
    image.src = await addressOf(file);
    await image.decode();
  } catch (error) {
    if (!image.isConnected) return;
    const isOver = error instanceof Refused || error instanceof DOMException;
    if (isOver) place.replaceWith(element("p", { class: "gone" }, why(error instanceof Refused ? error : new Refused("picture"))));
    else setTimeout(() => { if (image.isConnected) watching.observe(image); }, PAUSE);
  }
}

/** @param {Locked} file */
async function contentOf(file) {
  const chat = Number(/^\/chats\/(\d+)\//u.exec(file.url)?.[1]);
  const answer = await fetch(file.url, { credentials: "same-origin" });
  if (GONE.includes(answer.status)) throw new Refused("gone");
  if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}`);
  return unlockFile(chat, file, await read(answer.body, lockedLength(file.size)));
}

/** All of a body that is exactly so long; no more of it is read. @param {ReadableStream<Uint8Array>} body @param {number} length */
async function read(body, length) {
  const whole = new Uint8Array(length);
  const reader = body.getReader();
  let at = 0;
  for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
    if (at + value.length > length) {
      void reader.cancel();
      throw new Refused("size");
    }
    whole.set(value, at);
    at += value.length;
  }
  return whole.subarray(0, at);
}

/** What was not seen for longest goes first; what was asked for last stays, however large it is. */
function letGo() {
  let size = 0;
  for (const [id, one] of [...kept].reverse()) {
    size += one.size;
    if (size <= MOST_KEPT || size === one.size) continue;
    kept.delete(id);
    one.address.then((address) => URL.revokeObjectURL(address), () => {});
  }
}
