"""That nothing of what people wrote runs in a page. What would run sets `window.hit`."""

from playwright.sync_api import Page

# No element of ours has any of these.
FOREIGN = """() => [...document.querySelectorAll("*")]
  .filter((one) => one.matches("iframe, object, embed, base, style, math, img, [srcdoc]")
    || [...one.attributes].some((attribute) => attribute.name.startsWith("on")))
  .map((one) => one.outerHTML)"""


def assert_harmless(page: Page) -> None:
    assert page.evaluate("typeof hit") == "undefined"
    assert page.evaluate(FOREIGN) == []
