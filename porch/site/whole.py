"""The site as its files make it together: which sections are shown, in which order, and which projects."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import Generic, TypeVar

from porch.site.content import Banner, Contact, Content, Front, Hero, Interest, Link, Project, Text

Meta = TypeVar("Meta", bound=Content, covariant=True)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Item(Generic[Meta]):
    """A file with front matter. `slug` is its name without the ending, `line` the one its body begins at."""

    file: str
    meta: Meta
    body: str
    line: int = 1
    changed: datetime = EPOCH

    @property
    def slug(self) -> str:
        return self.file.rpartition("/")[2].rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the front page. `kind` names its template; `id` is its own even if it is there `again`, and
    then it is no landmark: those have names of their own.
    """

    kind: str
    id: str
    title: str = ""
    nav: str = ""
    item: Item[Text] | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    slug: str


@dataclass(frozen=True)
class Site:
    """What is served. Drafts are in `every_project`, `every_interest` and `texts`, and nowhere else."""

    front: Front
    every_project: tuple[Item[Project], ...] = ()
    every_interest: tuple[Item[Interest], ...] = ()
    texts: tuple[Item[Text], ...] = ()
    style: bool = False  # whether there is a custom.css

    @property
    def name(self) -> str:
        return self.front.name

    @property
    def tagline(self) -> str:
        return self.front.tagline

    @property
    def hero(self) -> Hero:
        return self.front.hero

    @property
    def banner(self) -> Banner:
        return self.front.banner

    @property
    def contact(self) -> Contact:
        return self.front.contact

    @cached_property
    def projects(self) -> list[Item[Project]]:
        """The featured first, then by `order`, then by the file's name."""
        published = [item for item in self.every_project if not item.meta.draft]
        return sorted(published, key=lambda item: (not item.meta.featured, item.meta.order, item.slug))

    @cached_property
    def interests(self) -> list[Item[Interest]]:
        published = [item for item in self.every_interest if not item.meta.draft]
        return sorted(published, key=lambda item: (item.meta.order, item.slug))

    @cached_property
    def tags(self) -> list[Tag]:
        """Those of published projects that say what kind of thing it is, by how often they come."""
        names = [tag for item in self.projects for tag in dict.fromkeys(item.meta.tags)]
        found: dict[str, Tag] = {}
        for name in sorted(dict.fromkeys(names), key=lambda name: (-names.count(name), names.index(name))):
            found.setdefault(slug_of(name), Tag(name, slug_of(name)))
        return [tag for slug, tag in found.items() if slug]

    def project(self, slug: str) -> Item[Project] | None:
        return next((item for item in self.projects if item.slug == slug), None)

    def tagged(self, slug: str) -> list[Item[Project]]:
        return [item for item in self.projects if slug in map(slug_of, item.meta.tags)]

    @cached_property
    def shown(self) -> list[Section]:
        """From top to bottom; what is empty, or a draft, is left out."""
        sections: list[Section] = []
        found = [section for name in self.front.sections if (section := self._section(name))]
        # `now.md` that is there again does not take the id of a file `now-2.md`, wherever that stands.
        taken = {section.id for section in found}
        begun: set[str] = set()
        for section in found:
            if section.id in begun:
                own = next(one for n in count(2) if (one := f"{section.id}-{n}") not in taken)
                sections.append(replace(section, id=own, again=True))
                taken.add(own)
            else:
                sections.append(section)
                begun.add(section.id)
        return sections

    def section_of(self, file: str) -> Section | None:
        """The first section in which a file is shown, other than a project, which has a page of its own."""
        is_interest = any(item.file == file for item in self.interests)
        for section in self.shown:
            if (section.item and section.item.file == file) or (is_interest and section.kind == "interests"):
                return section
        return None

    def _section(self, name: str) -> Section | None:
        match name:
            case "hero" | "banner":
                return Section(name, name) if getattr(self, name) else None
            case "projects" | "interests":
                heading = self.front.projects if name == "projects" else self.front.interests
                return Section(name, name, heading.title, heading.nav) if getattr(self, name) else None
        file = "about.md" if name == "about" else name
        item = next((item for item in self.texts if item.file == file), None)
        if item is None or item.meta.draft or not item.body.strip():
            return None
        kind = "html" if file.endswith(".html") else "text"
        return Section(kind, section_id(name), item.meta.title, item.meta.nav, item)

    @cached_property
    def anchors(self) -> set[str]:
        """What a link to a part of this page may name; `talk` is the field that opens a room."""
        found = {"main", *(section.id for section in self.shown)} | ({"contact"} if self.contact else set())
        return found | {"talk"} if "banner" in found and self.banner.open_room else found

    @cached_property
    def nav(self) -> list[Link]:
        """The links to the sections that have a name there, each once."""
        parts = {section.nav: section.id for section in reversed(self.shown) if section.nav}
        links = [Link(text=nav, url=f"#{anchor}") for nav, anchor in reversed(parts.items())]
        if self.contact and self.contact.nav:
            links.append(Link(text=self.contact.nav, url="#contact"))
        return links

    @cached_property
    def images(self) -> set[str]:
        """The images that front matter and site.toml name."""
        projects = {item.meta.image for item in self.every_project}
        interests = {item.meta.image for item in self.every_interest}
        return {name for name in projects | interests | {self.hero.image} if name}


def section_id(name: str) -> str:
    """The id of a section on the page. Those of files are kept apart from the page's own."""
    base = name.rpartition(".")[0] or name
    return base if base == name else f"own-{base}"


def slug_of(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")
