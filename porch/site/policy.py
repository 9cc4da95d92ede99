"""What the front page's security policy will block in the owner's own HTML and style, each by file and line.

The policy is in `porch/web/headers.py`; what is said here holds for it.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator

from porch.site.lines import Lines
from porch.site.problems import Problem
from porch.site.reading import STYLE, Files, split
from porch.site.tags import Tag, start_tags
from porch.texts import lazy_gettext

SCRIPTS = lazy_gettext("scripts do not run here")
FRAMES = lazy_gettext("other pages are not framed here")
PLUG_INS = lazy_gettext("plug-ins do not run here")
SOUND = lazy_gettext("videos and sound are not loaded here")
# What the policy has no source for, whatever it loads.
NEVER = {
    "script": SCRIPTS,
    "iframe": FRAMES,
    "frame": FRAMES,
    "object": PLUG_INS,
    "embed": PLUG_INS,
    "applet": PLUG_INS,
    "base": lazy_gettext("addresses on this page have one beginning, and it is not changed"),
    "style": lazy_gettext("style stands in custom.css or in style attributes; a style element is not read"),
    "video": SOUND,
    "audio": SOUND,
}
# Attributes whose address is loaded with the page.
LOADED = ("src", "srcset", "imagesrcset", "poster", "background")
# The elements of SVG that load what `href` says.
PICTURES = ("image", "feimage", "use")
HREF = ("href", "xlink:href")
FOLLOWED = (*HREF, "action", "formaction")
# Those that give another one's `href` a value, or several.
ANIMATIONS = ("animate", "set")
ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.\-]*:|[/\\]{2})", re.IGNORECASE)
CSS_ADDRESS = re.compile(
    r"(@import)\s*+(?:url\(\s*+)?[\"']?([^\"')\s;]+)|url\(\s*[\"']?([^\"')]+)", re.IGNORECASE
)
# What is in an image-set, where addresses may stand without url().
IMAGE_SET = re.compile(r"(?<=image-set\()(?:[^()]|\([^()]*\))*(?=\))", re.IGNORECASE)
BARE_ADDRESS = re.compile(r"\b\w++\([^)]*\)|[\"']([^\"']+)")
SCRIPT = re.compile(r"javascript:", re.IGNORECASE)
RUNS = re.compile(r"(?:javascript|data|vbscript):", re.IGNORECASE)
UNREAD = re.compile(r"\A[\x00-\x20]+|[\t\n\r]+")
CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*", re.IGNORECASE)


def blocked(files: Files) -> list[Problem]:
    """What will not work, in the order of the files."""
    found: list[Problem] = []
    for path, content in sorted(files.items()):
        text = content.decode(errors="replace")
        if path.endswith(".html"):
            try:
                _, body, line = split(text)
            except ValueError:
                continue  # which `reading` says better
            lines = Lines(body, line)
            for tag in start_tags(body):
                found += _of_tag(path, lines.line_of(tag.at), tag)
        elif path == STYLE:
            found += _style(path, text, 1)
    return found


def _of_tag(file: str, line: int, tag: Tag) -> Iterator[Problem]:
    """What is blocked of one tag."""

    def wrong(what: str, why: str) -> Problem:
        words = lazy_gettext("%(what)s is blocked: %(why)s", what=what, why=why)
        return Problem(file, words, line=line)

    name, attributes = tag.name, tag.attributes
    if name in NEVER:
        yield wrong(f"<{name}>", NEVER[name])
        return
    if name == "meta" and "http-equiv" in attributes:
        yield wrong("<meta http-equiv>", lazy_gettext("what the page is sent with counts"))
    if name == "link" and ELSEWHERE.match(_as_read(attributes.get("href", ""))):
        what = lazy_gettext("<link> to %(address)s", address=attributes["href"][:60])
        yield wrong(what, lazy_gettext("styles come from this site alone: custom.css"))
    if name == "form" and ELSEWHERE.match(_as_read(attributes.get("action", ""))):
        what = lazy_gettext("<form> to %(address)s", address=attributes["action"][:60])
        yield wrong(what, lazy_gettext("forms are sent to this site alone"))
    for attribute, value in attributes.items():
        if attribute == "style":
            yield from _style(file, value, line)
        elif refused := _refused(name, attribute, value):
            yield wrong(*refused)


def _refused(tag: str, name: str, value: str) -> tuple[str, str] | None:
    """What is blocked of an attribute, and why."""
    if _runs(tag, name, value):
        return lazy_gettext("%(attribute)s of <%(tag)s>", attribute=name, tag=tag), SCRIPTS
    what = lazy_gettext(
        "%(attribute)s of <%(tag)s>: %(address)s", attribute=name, tag=tag, address=value[:60]
    )
    if name == "formaction" and ELSEWHERE.match(_as_read(value)):
        return what, lazy_gettext("forms are sent to this site alone")
    if name == "ping" and any(map(ELSEWHERE.match, value.split())):
        return what, lazy_gettext("nothing is sent to other sites from here")
    if (name in LOADED or _is_picture(tag, name)) and _is_elsewhere(value):
        return what, lazy_gettext("images come from this site alone: media/")
    return None


def _is_picture(tag: str, name: str) -> bool:
    return tag in PICTURES and name in HREF


def _runs(tag: str, name: str, value: str) -> bool:
    """Whether an attribute is a script, or the address of one."""
    if tag in ANIMATIONS and any(SCRIPT.match(_as_read(one)) for one in value.split(";")):
        return True
    is_address = name in FOLLOWED and not _is_picture(tag, name)
    return name.startswith("on") or (is_address and RUNS.match(_as_read(value)) is not None)


def _as_read(address: str) -> str:
    """An address as browsers read it (URL Standard, 4.4): without tabs and line ends, and what is not seen
    before it.
    """
    return UNREAD.sub("", address)


def _is_elsewhere(value: str) -> bool:
    """Images from here, and those that are written into the page, are allowed."""
    addresses = [part.split()[0] for part in value.split(",") if part.split()]
    return any(ELSEWHERE.match(one) and not one.startswith(("data:", "blob:")) for one in addresses)


def _style(file: str, text: str, first_line: int) -> Iterator[Problem]:
    plain = without(CSS_COMMENT, text)
    fonts = [found.span() for found in FONT_FACE.finditer(plain)]
    lines = Lines(plain, first_line)
    for start, address, is_sheet in sorted(_addresses(plain)):
        if not ELSEWHERE.match(address):
            continue
        before = bisect(fonts, (start,))
        is_font = before > 0 and start < fonts[before - 1][1]
        if address.startswith("data:") and not is_sheet and not is_font:
            continue
        words = _blocked(address[:60], is_sheet=is_sheet, is_font=is_font)
        yield Problem(file, words, line=lines.line_of(start))


def _addresses(style: str) -> Iterator[tuple[int, str, bool]]:
    """Where each begins, and whether it is that of a style sheet."""
    for found in CSS_ADDRESS.finditer(style):
        yield found.start(), (found[2] or found[3] or "").strip(), bool(found[1])
    for among in IMAGE_SET.finditer(style):
        for found in BARE_ADDRESS.finditer(among[0]):
            if found[1]:
                yield among.start() + found.start(), found[1].strip(), False


def without(comment: re.Pattern[str], text: str) -> str:
    """The text with spaces in the place of comments: everything stays on its line."""
    return comment.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _blocked(address: str, *, is_sheet: bool, is_font: bool) -> str:
    if is_sheet:
        return lazy_gettext(
            "%(address)s is blocked: a style sheet comes from this site alone", address=address
        )
    if is_font:
        return lazy_gettext("%(address)s is blocked: a font comes from this site alone", address=address)
    return lazy_gettext("%(address)s is blocked: an image comes from this site alone", address=address)
