/** A dot on the page's icon while something waits. */

/** @param {boolean} waits */
export function showDot(waits) {
  const icon = document.querySelector("link[rel='icon']");
  const href = waits ? "/favicon.svg?news" : "/favicon.svg";
  if (icon && icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}
