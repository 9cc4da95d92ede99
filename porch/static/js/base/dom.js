/** Making and finding elements. Text goes in as text; nothing here takes markup. */

/** The namespace of drawings. */
export const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * A small drawn icon from the page's sprite.
 * @param {"alert" | "clock" | "copy" | "more" | "retry"} name
 * @param {string} [more] further classes
 */
export function icon(name, more = "i-s") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `i ${more}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** @param {string} words @param {() => void} press */
export function button(words, press) {
  const made = element("button", { type: "button", class: "btn little" }, words);
  made.addEventListener("click", press);
  return made;
}

/** A link that looks like a button. @param {string} words @param {string} href */
export function way(words, href) {
  return element("a", { class: "btn little", href }, words);
}

/**
 * The element with this id; a page without it is broken, so that is an error.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`no ${kind.name} #${id} on this page`);
  return found;
}

/** Says something else, if it is something else. @param {Element | null} where @param {string} words */
export function put(where, words) {
  if (where && where.textContent !== words) where.textContent = words;
}

/** Whether fingers are what this device is used with. */
export function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}
