"""axe-core, which finds what a page lacks for people who see it badly, or hear it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.support.browser import PHONE
from tests.support.server import ROOT

SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DEVICES: dict[str, dict[str, Any]] = {"phone": PHONE, "laptop": {"viewport": {"width": 1440, "height": 900}}}
IS_HERE = "typeof axe !== 'undefined'"
RUN = """async (scheme) => (await axe.run(document, {
  resultTypes: ["violations"],
  // What is not about colours is the same in the dark.
  ...(scheme === "dark" ? { runOnly: ["color-contrast", "link-in-text-block"] } : {}),
})).violations.map(
  ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)"""


class Axe:
    """Finds what is wrong with a page, in words; nothing where all is well."""

    def __init__(self) -> None:
        self._source = SOURCE.read_text() + ";0"

    def finds(self, page: Page, scheme: str = "") -> list[str]:
        if not page.evaluate(IS_HERE):
            page.evaluate(self._source)
        found: list[str] = page.evaluate(RUN, scheme)
        return found

    def finds_by_day_or_night(self, page: Page) -> list[str]:
        found = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{scheme}: {problem}" for problem in self.finds(page, scheme)]
        return found
