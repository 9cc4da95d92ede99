"""The figures as bars: a picture for light and for dark pages, drawn with nothing but text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from bench.fan.ways import Porch, Stored

WIDTH, LABEL, GAP = 280, 130, 24  # of a panel, of the ways' names, between panels
BAR, LINE = 13, 19
HEAD = 46
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.figure { font-size: 11px; }
.other { fill: #9aa4b0; }
.porch { fill: #c2571a; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .other { fill: #6b7580; }
  .porch { fill: #f0883e; }
}
"""


def draw(costs: Mapping[tuple[str, int, str], float]) -> str:
    """An SVG of us a delivery, by pattern, receivers and way. A panel for each pattern and size; the bars of
    one pattern have one scale.
    """
    patterns = list(dict.fromkeys(pattern for pattern, _, _ in costs))
    sizes = list(dict.fromkeys(size for _, size, _ in costs))
    ways = list(dict.fromkeys(way for _, _, way in costs))
    height = HEAD + len(ways) * LINE + GAP
    width = LABEL + len(sizes) * (WIDTH + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height * len(patterns)}" role="img">',
        "<title>CPU of the server for each delivery, in microseconds</title>",
        f"<style>{STYLE}</style>",
    ]
    for row, pattern in enumerate(patterns):
        most = max(cost for (name, _, _), cost in costs.items() if name == pattern)
        top = row * height
        parts += _names(ways, top)
        for column, size in enumerate(sizes):
            left = LABEL + column * (WIDTH + GAP)
            title = f"{pattern}, {size:,} receivers"
            parts.append(f'<text class="title" x="{left}" y="{top + 24}">{escape(title)}</text>')
            for place, way in enumerate(ways):
                if (pattern, size, way) in costs:
                    parts += _bar(way, costs[pattern, size, way], most, left, top + HEAD + place * LINE)
    return "\n".join([*parts, "</svg>", ""])


def _names(ways: Iterable[str], top: int) -> list[str]:
    first = top + HEAD + BAR - 2
    return [
        f'<text x="{LABEL - 10}" y="{first + place * LINE}" text-anchor="end">{escape(way)}</text>'
        for place, way in enumerate(ways)
    ]


def _bar(way: str, cost: float, most: float, left: int, top: int) -> list[str]:
    length = max(1.0, cost / most * (WIDTH - 40))
    kind = "porch" if way in (Porch.name, Stored.name) else "other"
    return [
        f'<rect class="{kind}" x="{left}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>',
        f'<text class="figure" x="{left + length + 5:.1f}" y="{top + BAR - 2}">{cost:.1f}</text>',
    ]
