"""Scripts for a page: what on it sticks out, or is too small to be hit or read."""

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
