/** The drawn icons that only what is loaded late needs; `parts/icons.html` has the others, on the same grid. */

/** @type {Record<string, string>} */
const PATHS = {
  check: "m4.5 10.5 4 4 7-8.5",
  talk: "M4.5 4h11A1.5 1.5 0 0 1 17 5.5v6a1.5 1.5 0 0 1-1.5 1.5H10l-4 3.5V13H4.5A1.5 1.5 0 0 1 3 11.5v-6A1.5 1.5 0 0 1 4.5 4",
  delete: "M4 6h12M8 6V4.4A.9.9 0 0 1 8.9 3.5h2.2a.9.9 0 0 1 .9.9V6M5.6 6l.7 9.1a1.5 1.5 0 0 0 1.5 1.4h4.4a1.5 1.5 0 0 0 1.5-1.4l.7-9.1M8.6 9v4.5M11.4 9v4.5",
  edit: "M4 16l.8-3.4L13.4 4a1.7 1.7 0 0 1 2.5 2.5L7.4 15.2zM12 5.4 14.6 8",
  link: "M8.4 11.6a3.2 3.2 0 0 0 4.5 0l2.7-2.7a3.2 3.2 0 0 0-4.5-4.5l-1 1M11.6 8.4a3.2 3.2 0 0 0-4.5 0l-2.7 2.7a3.2 3.2 0 0 0 4.5 4.5l1-1",
};
const SPACE = "http://www.w3.org/2000/svg";

/** @param {string} name */
export function drawing(name) {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SPACE, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
