/** Opens a picture of the log in the viewer, which is loaded by then; back to its place afterwards. */

import { shownName } from "../base/shown_name.js";
import { isPicture } from "./files_view.js";
import { gettext } from "../base/gettext.js";

/** @import { Feed } from "../log/feed.js" */
/** @import { Attached } from "../base/types.js" */

/** @param {Feed} feed @param {Attached} picture */
export async function see(feed, picture) {
  try {
    const { openViewer } = await import("./viewer.js");
    const pictures = feed.messages.flatMap(({ username, files = [] }) => files.filter(isPicture).map((file) => ({ ...file, by: shownName(username) })));
    const at = pictures.findIndex(({ id }) => id === picture.id);
    // One that waits to be sent stands in no message yet.
    if (at < 0) openViewer([{ ...picture, by: gettext("You") }], 0, focus);
    else openViewer(pictures, at, focus);
  } catch {
    if (!picture.lock) location.assign(picture.url);
  }
}

/** However often its line was drawn again. @param {Attached} picture */
function focus({ id }) {
  const link = document.querySelector(`.picture[data-file="${id}"]`);
  if (link instanceof HTMLElement) link.focus();
}
