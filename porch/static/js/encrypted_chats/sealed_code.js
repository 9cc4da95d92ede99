/** The QR code of a sealed room's link. Loaded late. */

import { gettext } from "../base/gettext.js";
import { drawnCode } from "../keys/qr_code.js";

/** @param {string} link @returns {Promise<SVGElement>} */
export function codeOf(link) {
  return drawnCode(link, gettext("QR code of the link to this room"));
}
