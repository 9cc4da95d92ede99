/** The files of a message: pictures, which open large, and others, which are saved. */

import { element } from "../base/dom.js";
import { drawing } from "../base/drawings.js";
import { gettext } from "../base/gettext.js";
import { sizeInWords, within } from "../base/sizes.js";

/** @import { Locked } from "../encrypted_chats/locked_files.js" */
/** @import { Attached } from "../base/types.js" */

/** Pixels of the page: of one picture, and of each of several. */
const ALONE = 320;
const TOGETHER = 160;
/** One pixel of nothing: an image without an address has no place of its size. */
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** @param {Attached[]} files @param {(picture: Attached) => void} see @returns {HTMLElement} */
export function filesView(files, see) {
  const pictures = files.filter(isPicture);
  const side = pictures.length > 1 ? TOGETHER : ALONE;
  const view = element("div", { class: "files" });
  if (pictures.length > 0) view.append(element("div", {}, ...pictures.map((file) => picture(file, side, see))));
  view.append(...files.filter((file) => !isPicture(file)).map(chip));
  return view;
}

/** @param {Attached} file @returns {file is Attached & {width: number, height: number}} */
export function isPicture(file) {
  return file.width !== undefined && file.height !== undefined;
}

/** @param {Attached & {width: number, height: number}} file @param {number} side @param {(picture: Attached) => void} see */
function picture(file, side, see) {
  const { width, height } = within(file, side);
  // Its place is kept free before it is there: nothing moves when it comes.
  const image = element("img", { src: file.lock ? NOTHING : file.thumbnail?.url ?? file.url, alt: file.alt ?? file.name, width: String(width), height: String(height), loading: "lazy", decoding: "async" });
  // Else its own shape would count once it is there, and what is very long or high is cut.
  image.style.aspectRatio = `${width} / ${height}`;
  if (file.lock) return lockedPicture({ ...file, lock: file.lock }, image, see);
  const link = element("a", { class: "picture", href: file.url, "data-file": String(file.id) }, image);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    see(file);
  });
  return link;
}

/** What comes is opened here first, and has no address before. @param {Locked} file @param {HTMLImageElement} image @param {(picture: Attached) => void} see */
function lockedPicture(file, image, see) {
  const button = element("button", { type: "button", class: "picture", "data-file": String(file.id) }, image);
  button.addEventListener("click", () => see(file));
  // Without a network its place stays empty until its line is drawn again.
  import("../encrypted_chats/locked_files.js").then(({ showWhenSeen }) => showWhenSeen(button, image, file), () => {});
  return button;
}

/** @param {Attached} file */
function chip({ url, name, size, alt, ...file }) {
  const { lock } = file;
  const words = element("span", { class: "small soft" }, sizeInWords(size));
  const about = [drawing("file"), element("bdi", { class: "clip" }, name), words];
  const chip = lock ? element("button", { type: "button", class: "chip" }, ...about) : element("a", { class: "chip", href: url, download: name }, ...about);
  if (lock) chip.addEventListener("click", () => void save({ url, name, size, ...file, lock }, words));
  if (alt) chip.title = alt;
  return chip;
}

/** @param {Locked} file @param {HTMLElement} words where it is said if that fails */
async function save(file, words) {
  const problem = await import("../encrypted_chats/locked_files.js").then(({ saveFile }) => saveFile(file), () => gettext("This file could not be loaded."));
  words.textContent = problem || sizeInWords(file.size);
}
