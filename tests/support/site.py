"""A site with one of everything, written into a folder."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

from porch.site.writing import write_sample

NOW = """+++
title = "Now"
nav = "Now"
+++

In **November** I am building a *tide clock*, [on the bench](/projects/isobar/).

## Parts

1. A float
   - and its rod
2. A drum

![The ridge at dusk](media/ridge.jpg)

> It is late, but it is honest.

| When | What |
|---|---:|
| 6:12 | high |

```
a long line that is wider than any telephone and has to be scrolled within its own box, alone
```
"""
OWN = """+++
title = "From elsewhere"
+++
<p style="padding: 1rem; border: 2px dashed">My <b>own</b> HTML.</p>
<img src="media/ridge.jpg" alt="The ridge" width="320" height="213">
"""


def write_rich_site(
    folder: Path, *, theme: str = "porch", accent: str = "#185c68", width: int = 1800
) -> None:
    """The sample, with sections of every kind, one twice, with images, a draft and a style of its own.

    `width` is that of the largest image, in pixels: every size below is made of it.
    """
    if not folder.exists():
        write_sample(folder)
    (folder / "media" / "ridge.jpg").write_bytes(landscape(width, width * 2 // 3))
    (folder / "media" / "radio.png").write_bytes(landscape(width // 2, width * 5 // 8, kind="PNG"))
    (folder / "now.md").write_text(NOW)
    (folder / "press.html").write_text(OWN)
    (folder / "custom.css").write_text(".own-html { letter-spacing: .01em; }\n")
    change(folder / "projects" / "loomside.md", 'drawing = "weave"', 'image = "ridge.jpg"\nalt = "A ridge"')
    change(
        folder / "interests" / "short-wave-radio.md", 'icon = "radio"', 'image = "radio.png"\nalt = "A radio"'
    )
    (folder / "projects" / "secret.md").write_text(
        '+++\ntitle = "Secret"\nsummary = "A draft"\ndraft = true\n+++\n'
    )
    front = folder / "site.toml"
    change(front, '"projects", "interests"]', '"projects", "now.md", "interests", "press.html", "banner"]')
    change(front, "[hero]\n", '[hero]\nimage = "ridge.jpg"\nalt = "The ridge at dusk"\n')
    change(front, 'theme = "porch"', f'theme = "{theme}"')
    change(front, 'accent = "#185c68"', f'accent = "{accent}"')


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{file.name} does not have {old!r}"
    file.write_text(text.replace(old, new, 1))


def landscape(width: int, height: int, *, kind: str = "JPEG") -> bytes:
    """A sky and hills."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for number in range(4):
        top = height * (4 + number) // 9
        pen.polygon(
            [
                (0, height),
                (0, top),
                (width // 3, top - height // 9),
                (width, top + height // 12),
                (width, height),
            ],
            fill=(30 + 20 * number, 50 + 12 * number, 80 - 10 * number),
        )
    written = io.BytesIO()
    image.save(written, kind)
    return written.getvalue()
