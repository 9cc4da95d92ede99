"""Reads the site from its files and says what is wrong with them. The files are given as bytes by their path,
so it is the same for a folder, for the sample, for what is about to be saved and for older versions.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from porch.site.colour import Faint, palette
from porch.site.content import Content, Front, Interest, Project, Text
from porch.site.markdown import images
from porch.site.places import line_of
from porch.site.problems import ContentError, Problem, explained
from porch.site.whole import EPOCH, Item, Site
from porch.texts import lazy_gettext

FRONT = "site.toml"
STYLE = "custom.css"
LARGEST = 256 * 1024  # bytes of one file
LONGEST_BEHIND = 280  # characters behind a door
FENCE = "+++"
UNENDED = lazy_gettext(
    "the front matter that begins with %(fence)s does not end: a line of %(fence)s is missing", fence=FENCE
)

# What the folder may hold, and what the front matter of each says.
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
NAMED = re.compile(
    rf"(?=.{{1,80}}\Z)(?:{SLUG}\.(?:md|html)|(?:projects|interests)/{SLUG}\.md|site\.toml|custom\.css)"
)

Files = Mapping[str, bytes]
Kind = TypeVar("Kind", bound=Content)


def read_site(
    files: Files, media: Collection[str] | None = None, changed: Mapping[str, datetime] | None = None
) -> Site:
    """The site as the files say it. `media` are the images there are, None where that does not matter.

    Raises ContentError with all problems.
    """
    reader = _Reader(files, media, changed or {})
    site = reader.site()
    if reader.problems or site is None:
        raise ContentError(reader.problems)
    return site


def split(text: str) -> tuple[str, str, int]:
    """Front matter and body of a text, and the line that the body begins at. Without a fence it is all body.

    Raises ValueError when the second fence is missing.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].strip() != FENCE:
        return "", "\n".join(lines), 1
    for number, line in enumerate(lines[1:], 1):
        if line.strip() == FENCE:
            return "\n".join(lines[1:number]) + "\n", "\n".join(lines[number + 1 :]), number + 2
    raise ValueError(UNENDED)


def read_item(path: str, content: bytes, kind: type[Kind]) -> Item[Kind]:
    """One file with front matter, by itself. Raises ContentError."""
    try:
        return _Reader({path: content}, None, {}).item(path, kind)
    except _Wrong as found:
        raise ContentError([found.problem]) from None


class _Wrong(Exception):
    """What ends the reading of one file."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _text(path: str, content: bytes) -> str:
    if len(content) > LARGEST:
        raise _Wrong(Problem(path, lazy_gettext("is larger than %(most)s KB", most=LARGEST // 1024)))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _Wrong(Problem(path, lazy_gettext("is not text in UTF-8"))) from None
    if "\0" in text:
        raise _Wrong(Problem(path, lazy_gettext("is not text: there are bytes of zero in it")))
    return text.removeprefix("\ufeff")


def _convert(path: str, text: str, kind: type[Kind], first_line: int) -> Kind:
    """What TOML says; the text begins at `first_line` of its file."""
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        at = re.match(r"line (\d+)", place)
        line = int(at[1]) if at else len(text.splitlines()) or 1
        raise _Wrong(
            Problem(path, lazy_gettext("is not TOML: %(reason)s", reason=reason), line=first_line - 1 + line)
        ) from None
    except RecursionError:
        raise _Wrong(
            Problem(path, lazy_gettext("is not TOML that can be read: there is too much in brackets"))
        ) from None
    except msgspec.ValidationError as error:
        raise _Wrong(explained(path, text, kind, error, first_line)) from None


class _Reader:
    """One reading; `problems` is what was found wrong."""

    def __init__(self, files: Files, media: Collection[str] | None, changed: Mapping[str, datetime]) -> None:
        self.files = files
        self.media = media
        self.changed = changed
        self.problems: list[Problem] = []

    def site(self) -> Site | None:
        for path in self.files:
            if not NAMED.fullmatch(path):
                self.wrong(
                    path,
                    lazy_gettext(
                        "cannot be used: names have small letters a to z, digits and single hyphens"
                    ),
                )
        self.check_style()
        front = self.front()
        site = Site(
            front=front or Front(name="Porch"),
            every_project=tuple(self.items("projects/", Project)),
            every_interest=tuple(self.items("interests/", Interest)),
            texts=tuple(self.items("", Text)),
            style=STYLE in self.files,
        )
        if front is None:
            return None
        self.check_sections(site)
        self.check_colour(site)
        self.check_images(site)
        self.check_doors(site)
        if not self.problems:
            self.check_anchors(site)
        return site

    def front(self) -> Front | None:
        if FRONT not in self.files:
            self.wrong(FRONT, lazy_gettext("is missing; `porch site init` writes a sample of everything"))
            return None
        try:
            return _convert(FRONT, _text(FRONT, self.files[FRONT]), Front, 1)
        except _Wrong as found:
            self.problems.append(found.problem)
            return None

    def check_style(self) -> None:
        try:
            _text(STYLE, self.files.get(STYLE, b""))
        except _Wrong as found:
            self.problems.append(found.problem)

    def items(self, folder: str, kind: type[Kind]) -> Iterator[Item[Kind]]:
        for path in sorted(self.files):
            if not NAMED.fullmatch(path) or not path.endswith((".md", ".html")):
                continue
            if path[: path.rfind("/") + 1] != folder:
                continue
            try:
                yield self.item(path, kind)
            except _Wrong as found:
                self.problems.append(found.problem)

    def item(self, path: str, kind: type[Kind]) -> Item[Kind]:
        text = _text(path, self.files[path])
        try:
            matter, body, line = split(text)
        except ValueError:
            raise _Wrong(Problem(path, UNENDED, line=1)) from None
        if not matter and text.lstrip().startswith("---"):
            raise _Wrong(
                Problem(
                    path,
                    lazy_gettext("front matter stands between lines of %(fence)s, not of ---", fence=FENCE),
                    line=1,
                )
            )
        meta = _convert(path, matter, kind, 2)
        return Item(path, meta, body, line, self.changed.get(path, EPOCH))

    def check_sections(self, site: Site) -> None:
        for number, name in enumerate(site.front.sections):
            if "." in name and name not in self.files:
                own = sorted(item.file for item in site.texts)
                self.wrong(FRONT, _no_such_file(name, own), f"sections[{number + 1}]", self.line("sections"))

    def check_colour(self, site: Site) -> None:
        try:
            palette(site.front.accent, site.front.theme)
        except Faint as error:
            self.wrong(FRONT, error.args[0], "accent", self.line("accent"))

    def check_images(self, site: Site) -> None:
        pictured: list[Item[Project] | Item[Interest]] = [*site.every_project, *site.every_interest]
        for item in pictured:
            self.check_image(item.file, "image", item.meta.image, item.meta.alt)
        self.check_image(FRONT, "hero.image", site.hero.image, site.hero.alt)
        written: list[Item[Content]] = [*site.every_project, *site.every_interest, *site.texts]
        for page in written:
            if page.file.endswith(".html"):
                continue
            for name, line in images(page.body):
                if ":" in name or name.startswith("/"):
                    self.wrong(
                        page.file,
                        lazy_gettext("the image %(name)s is elsewhere; put it into media/", name=name[:80]),
                        "",
                        page.line - 1 + line,
                    )
                elif self.media is not None and name not in self.media:
                    self.wrong(
                        page.file,
                        lazy_gettext("there is no image media/%(name)s", name=name[:80]),
                        "",
                        page.line - 1 + line,
                    )

    def check_image(self, file: str, key: str, name: str | None, alt: str) -> None:
        if name is None:
            return
        line = self.line(key) if file == FRONT else None
        if self.media is not None and name not in self.media:
            self.wrong(file, lazy_gettext("there is no image media/%(name)s", name=name), key, line)
        if not alt.strip():
            self.wrong(
                file,
                lazy_gettext("is missing: say what is to be seen, for those who do not see it"),
                key.replace("image", "alt"),
                line,
            )

    def check_doors(self, site: Site) -> None:
        for item in site.every_interest:
            if not item.meta.draft and not item.body.strip():
                self.wrong(
                    item.file,
                    lazy_gettext("says nothing: what stands below the front matter is behind the door"),
                )
            if len(item.body.strip()) > LONGEST_BEHIND:
                self.wrong(
                    item.file,
                    lazy_gettext(
                        "the text behind a door has at most %(most)s characters", most=LONGEST_BEHIND
                    ),
                    "",
                    item.line,
                )

    def check_anchors(self, site: Site) -> None:
        for file, key, url in _links(site):
            if url.startswith("#") and url[1:] not in site.anchors:
                allowed = ", ".join(f"#{name}" for name in sorted(site.anchors))
                line = self.line(*key.split(".")) if file == FRONT else None
                self.wrong(
                    file,
                    lazy_gettext(
                        "%(url)s leads to no part of the front page; there are: %(allowed)s",
                        url=url,
                        allowed=allowed,
                    ),
                    key,
                    line,
                )

    def line(self, *path: str) -> int:
        """Of a key of site.toml."""
        keys = [part for name in path for part in name.split(".")]
        parts = [
            int(part) - 1 if part.isdigit() else part for key in keys for part in re.findall(r"\w+", key)
        ]
        return line_of(self.files[FRONT].decode(), tuple(parts))

    def wrong(self, file: str, text: str, key: str = "", line: int | None = None) -> None:
        self.problems.append(Problem(file, text, key, line))


def _no_such_file(name: str, own: list[str]) -> str:
    if not own:
        return lazy_gettext(
            "there is no file %(name)s beside site.toml; there: there are none yet", name=name
        )
    return lazy_gettext(
        "there is no file %(name)s beside site.toml; there: %(choices)s", name=name, choices=", ".join(own)
    )


def _links(site: Site) -> Iterator[tuple[str, str, str]]:
    """All addresses: file, key, address."""
    for key, value in (("hero", site.hero), ("banner", site.banner), ("contact", site.contact)):
        for found, url in _urls(value, key):
            yield FRONT, found, url
    linked: list[Item[Content]] = [*site.projects, *site.interests]
    for item in linked:
        for found, url in _urls(item.meta, ""):
            yield item.file, found, url


def _urls(value: object, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _urls(getattr(value, field), f"{key}.{field}".lstrip("."))
    elif isinstance(value, tuple):
        for number, item in enumerate(value, 1):
            yield from _urls(item, f"{key}[{number}]")
    elif isinstance(value, str) and key.rpartition(".")[2] == "url":
        yield key, value
