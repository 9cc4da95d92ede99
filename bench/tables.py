"""Figures as Markdown, and their place in a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def with_section(document: str, name: str, text: str) -> str:
    """The document with this text between its marks of this name. Raises ValueError where there are none."""
    begin, end = f"<!-- {name} -->", f"<!-- {name} ends -->"
    if begin not in document or end not in document:
        raise ValueError(f"the document has no {begin}")
    before, _, rest = document.partition(begin)
    return f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
