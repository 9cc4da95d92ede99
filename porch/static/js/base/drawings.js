/** The drawn icons that only what is loaded late needs; `parts/icons.html` has the others, on the same grid. */

import { SVG } from "./dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  before: "M12 4.5 6.5 10l5.5 5.5",
  close: "m5 5 10 10M15 5 5 15",
  file: "M6 3h5.5L15.5 7v8.5A1.5 1.5 0 0 1 14 17H6a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 6 3M11.5 3v4h4",
  next: "M8 4.5l5.5 5.5L8 15.5",
  save: "M10 3.5v9M6 9l4 4 4-4M4 16.5h12",
  check: "m4.5 10.5 4 4 7-8.5",
  report: "M5 17V3.5h9.5l-2 3.5 2 3.5H5",
  mute: "M4 4h12v9H9l-4 3.5V13H4ZM3 17 17 3",
  remove: "M8 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 16.5a5.5 5.5 0 0 1 11 0M13.5 8.5h4",
  talk: "M4.5 4h11A1.5 1.5 0 0 1 17 5.5v6a1.5 1.5 0 0 1-1.5 1.5H10l-4 3.5V13H4.5A1.5 1.5 0 0 1 3 11.5v-6A1.5 1.5 0 0 1 4.5 4",
  delete: "M4 6h12M8 6V4.4A.9.9 0 0 1 8.9 3.5h2.2a.9.9 0 0 1 .9.9V6M5.6 6l.7 9.1a1.5 1.5 0 0 0 1.5 1.4h4.4a1.5 1.5 0 0 0 1.5-1.4l.7-9.1M8.6 9v4.5M11.4 9v4.5",
  edit: "M4 16l.8-3.4L13.4 4a1.7 1.7 0 0 1 2.5 2.5L7.4 15.2zM12 5.4 14.6 8",
  reply: "M8 4.5 3.5 9 8 13.5M4 9h7.5A5 5 0 0 1 16.5 14v1.5",
  unread: "M3 5.5h14v9H3zM3 6l7 5 7-5",
  pin: "M7 3.5h6M8 3.5v4.6L5.5 11v1.5h9V11L12 8.1V3.5M10 12.5V17",
  smile: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M7 11.5a3.6 3.6 0 0 0 6 0M7.6 8h.01M12.4 8h.01",
  link: "M8.4 11.6a3.2 3.2 0 0 0 4.5 0l2.7-2.7a3.2 3.2 0 0 0-4.5-4.5l-1 1M11.6 8.4a3.2 3.2 0 0 0-4.5 0l-2.7 2.7a3.2 3.2 0 0 0 4.5 4.5l1-1",
};

/** @param {string} name */
export function drawing(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
