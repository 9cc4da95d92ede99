/** What a locked message says of its files, and what the page makes of it. What they are called and show comes from their sender: nothing hangs on it. */

import { LONGEST_ALT, MOST_FILES } from "../base/file_limits.js";
import { base64url, checked, whole } from "./fields.js";
import { HASH, IV, KEY } from "./lengths.js";
import { Refused } from "./refused.js";

/** @import { Lock } from "./file_lock.js" */
/** @import { Attached } from "../base/types.js" */

/** @typedef {{upload: number, name: string, media_type: string, size: number, width?: number, height?: number, alt?: string} & Lock} FileRecord */

/** Code units. */
const LONGEST_NAME = 200;
const LONGEST_TYPE = 100;
/** Bytes, and pixels of a side: no browser holds more at once. */
const LARGEST = 2 ** 31 - 1;
const WIDEST = 65_535;
/** What a page shows as a picture; another type would be one's own word for what a browser runs. */
const PICTURES = ["image/webp", "image/jpeg"];

const FORMS = {
  upload: whole(1),
  name: text(1, LONGEST_NAME),
  media_type: text(1, LONGEST_TYPE),
  size: whole(1, LARGEST),
  key: base64url(KEY),
  iv: base64url(IV),
  sha256: base64url(HASH),
};
const PICTURE = { width: whole(1, WIDEST), height: whole(1, WIDEST) };
const ALT = { alt: text(1, LONGEST_ALT) };

/** Of files that are to go with a message. Raises Refused (`files`) for one that is not locked. @param {readonly Attached[]} files @returns {FileRecord[]} */
export function recordsOf(files) {
  return files.map(({ id, name, media_type, size, width, height, alt, lock }) => {
    if (!lock) throw new Refused("files");
    return { upload: id, name, media_type, size, ...lock, ...(width && height && { width, height }), ...(alt && { alt }) };
  });
}

/**
 * What was said of files, as the page knows files. Raises Refused: `files` for what is no list of at most MOST_FILES, each once, and as
 * `checked` does.
 * @param {unknown} told @param {number} chat id @returns {Attached[]}
 */
export function attachedOf(told, chat) {
  if (!Array.isArray(told) || told.length > MOST_FILES) throw new Refused("files");
  const records = told.map(recordFrom);
  if (new Set(records.map(({ upload }) => upload)).size < records.length) throw new Refused("files");
  return records.map(({ upload, name, media_type, size, width, height, alt, key, iv, sha256 }) => ({
    id: upload,
    name: safeName(name),
    media_type,
    size,
    url: `/chats/${chat}/uploads/${upload}/locked`,
    ...(alt && { alt }),
    ...(width && height && PICTURES.includes(media_type) && { width, height }),
    lock: { key, iv, sha256 },
  }));
}

/** A name that a file may be saved under: the last part of a path, without what is not seen or turns the direction of writing. @param {string} name */
export function safeName(name) {
  const seen = (name.split(/[/\\]/u).at(-1) ?? "").normalize("NFC").replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (sign) => sign === "\u200d" ? sign : "");
  const bare = seen.replace(/^[ .\u200d]+|[ .\u200d]+$/gu, "");
  const ending = /\.[^.]{1,20}$/u.exec(bare)?.[0] ?? "";
  const short = bare.length > LONGEST_NAME ? bare.slice(0, LONGEST_NAME - ending.length).replace(/\p{Cs}$/u, "") + ending : bare;
  return short || "file";
}

/** @param {unknown} value @returns {FileRecord} */
function recordFrom(value) {
  const fields = typeof value === "object" && value !== null ? value : {};
  const isPicture = "width" in fields || "height" in fields;
  return /** @type {FileRecord} */ (/** @type {unknown} */ (checked(value, { ...FORMS, ...(isPicture ? PICTURE : {}), ...("alt" in fields ? ALT : {}) })));
}

/** @param {number} least @param {number} most code units, inclusive @returns {(value: unknown) => boolean} */
function text(least, most) {
  return (value) => typeof value === "string" && value.length >= least && value.length <= most;
}
