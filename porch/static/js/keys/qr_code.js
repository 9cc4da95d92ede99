/** QR codes, drawn in the page: what stands in them is nobody else's to see. */

import { SVG } from "../base/dom.js";

/** Absolute, as this module is served from more than one folder. */
const LIBRARY = "/static/vendor/qrcode.js";
/** Modules of white around the code, as ISO/IEC 18004 asks. */
const QUIET = 4;

/**
 * @param {string} text @param {string} label what it is of, for readers
 * @returns {Promise<SVGElement>}
 */
export async function drawnCode(text, label) {
  const { qrcode } = await import(LIBRARY);
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const places = [...Array(code.getModuleCount()).keys()];
  const dark = places.flatMap((y) => places.flatMap((x) => code.isDark(y, x) ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : []));
  const side = places.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { class: "qr", viewBox: `0 0 ${side} ${side}`, role: "img", "shape-rendering": "crispEdges", "aria-label": label };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", dark.join(""));
  path.setAttribute("fill", "#000");
  svg.append(path);
  return svg;
}
