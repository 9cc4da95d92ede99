"""How a page is laid out: what on it sticks out, jumps, or is too small or too pale to be hit or read."""

from playwright.sync_api import Locator

# Visible elements that reach over the edge of the screen, but for those that a parent cuts off or scrolls.
STICKING_OUT = """() => {
  const page = document.documentElement, wide = page.clientWidth, found = [];
  if (page.scrollWidth > wide) found.push(`the page: ${page.scrollWidth} > ${wide}`);
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest("svg") || !one.checkVisibility({ visibilityProperty: true })) continue;
    const { left, right, width } = one.getBoundingClientRect();
    if (width <= 1 || (right <= wide + 1 && left >= -1)) continue;
    let parent = one.parentElement;
    while (parent && getComputedStyle(parent).overflowX === "visible") parent = parent.parentElement;
    if (!parent || parent === document.body) found.push(`${one.tagName}.${one.className}: ${right}`);
  }
  return found;
}"""
# What is pressed and smaller than this, but for links inside a sentence and inputs inside a big enough label.
TOO_SMALL = """(least) => {
  const found = [];
  for (const one of document.querySelectorAll("a, button, input, textarea, summary, label:has(input)")) {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const { width, height, bottom } = one.getBoundingClientRect();
    if (width <= 1 || bottom < 0 || one.type === "hidden") continue;
    if (one.matches("p a") && getComputedStyle(one).display === "inline") continue;
    if (one.matches("label input")) continue;
    const name = one.ariaLabel ?? one.textContent.trim();
    if (Math.min(width, height) < least - 0.5) found.push(`${one.tagName} "${name}" ${width} x ${height}`);
  }
  return found;
}"""
SMALL_PRINT = """(least) => [...document.querySelectorAll("input, textarea")]
  .filter((one) => !["hidden", "checkbox"].includes(one.type))
  .filter((one) => Number.parseFloat(getComputedStyle(one).fontSize) < least).map((one) => one.outerHTML)"""
# What is drawn beyond the right edge, but for what is clipped on purpose.
TOO_WIDE = """() => {
  const clipped = "svg, .hide, .skip, .clip, code, .side:not(:target)";
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest(clipped))
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120));
}"""
# Adds up how far things jump that nobody moved.
SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
# Contrast of two CSS colours by the formula of WCAG 2.2, from the pixels they make.
CONTRAST = """
([one, other]) => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
"""


def style_of(element: Locator, name: str) -> str:
    found: str = element.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return found
