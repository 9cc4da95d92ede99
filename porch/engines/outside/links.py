"""The first link of a message, as its readers find it."""

from __future__ import annotations

from porch.markdown.blocks import links

LONGEST_LINK = 2048  # characters


def first_link(content: str) -> str | None:
    """The address of a text's first link to a page, as a browser asks for it; None where there is none, and
    where it is longer than 2048 characters. Takes time in proportion to the text.
    """
    if "://" not in content:
        return None
    link = next((link for link in links(content) if link.startswith(("http:", "https:"))), "")
    return link if 0 < len(link) <= LONGEST_LINK else None
