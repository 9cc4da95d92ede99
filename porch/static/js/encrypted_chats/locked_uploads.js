/** Files on their way into a message that is locked: what goes up is locked before, and what it is stays here. Loaded late, by `uploads.js`. */

import { lockedLength, lockFile } from "../crypto/file_lock.js";
import { safeName } from "../crypto/file_records.js";
import { gettext } from "../base/gettext.js";
import { PICTURES } from "../composer/picture_types.js";
import { pixelsOf } from "../composer/pixels.js";

/** @import { EnvelopeLine } from "./envelope_line.js" */
/** @import { Picture } from "../composer/pixels.js" */
/** @import { Attached } from "../base/types.js" */

/** @typedef {{body: File, told: (answer: Attached) => Attached}} Ready `body`: what goes up; `told`: what the message tells of it */

const ANY_TYPE = "application/octet-stream";
const LONGEST_TYPE = 100;
/** @type {Promise<boolean> | null} */
let asking = null;

/**
 * A file as it may go up: as it is where the line locks nothing. Rejected where the line is down.
 * @param {EnvelopeLine} line @param {File} file @param {number} limit bytes
 * @returns {Promise<Ready | {problem: string}>} `problem`: why it cannot, in words
 */
export async function readied(line, file, limit) {
  try {
    if (!(await mustLock(line))) return { body: file, told: (answer) => answer };
  } catch (error) {
    // The class is that of another script.
    if (/** @type {Error} */ (error).name !== "Refused") throw error;
    return { problem: line.whyNot(/** @type {import("../crypto/refused.js").Refused} */ (error)) };
  }
  const picture = PICTURES.includes(file.type) ? await pixelsOf(file) : undefined;
  if (picture === null) return { problem: gettext("This picture could not be read. A smaller copy of it may do.") };
  const { size } = picture?.content ?? file;
  if (lockedLength(size) > limit) return { problem: gettext("This file is too large: locked, it has more than %(megabytes)s MB.", { megabytes: Math.floor(limit / 1e6) }) };
  const content = new Uint8Array(await (picture?.content ?? file).arrayBuffer());
  const { ciphertext, lock } = await lockFile(line.chatId, content);
  return {
    body: new File([ciphertext], "locked", { type: ANY_TYPE }),
    told: ({ id, url }) => ({ id, url, size, ...(picture ? aboutPicture(file, picture) : about(file)), lock }),
  };
}

/** Whether it has to be locked; then the chat's first epoch has begun before the file comes there, and nobody looks at it. @param {EnvelopeLine} line */
function mustLock(line) {
  // Of two files at once each would begin one.
  asking ??= line.locks().then(async (locks) => locks && Boolean(await line.writing())).finally(() => { asking = null; });
  return asking;
}

/** @param {File} file */
function about({ name, type }) {
  return { name: safeName(name), media_type: type && type.length <= LONGEST_TYPE ? type : ANY_TYPE };
}

/** It is not of the kind any more that was chosen. @param {File} file @param {Picture} picture */
function aboutPicture({ name }, { content: { type }, width, height }) {
  const stem = name.replace(/\.[^.]*$/u, "") || name;
  return { name: safeName(`${stem}.${type === "image/webp" ? "webp" : "jpg"}`), media_type: type, width, height };
}
