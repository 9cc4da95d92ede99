"""The parts of the front page as plain values, each field with its bounds. Reading them is in `reading`."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Label = Annotated[str, Meta(max_length=30)]  # "" leaves the link to a section out of the bar
Line = Annotated[str, Meta(min_length=1, max_length=160)]
Prose = Annotated[str, Meta(max_length=4000)]
# A page of this site, a part of this page, or an address elsewhere. Nothing that could run.
Url = Annotated[str, Meta(max_length=500, pattern=r"^(https?://|mailto:|/(?![/\\])|#)[^\s\\]*$")]
Mail = Annotated[str, Meta(max_length=254, pattern=r"^[^@\s?&]+@[^@\s?&]+\.[^@\s?&]+$")]

SectionName = Literal["hero", "banner", "about", "projects", "interests"]
Drawing = Literal["isobars", "moons", "weave", "house"]
Icon = Literal["bird", "bread", "mend", "press", "radio", "ridge"]
SECTIONS, DRAWINGS, ICONS = (get_args(kind) for kind in (SectionName, Drawing, Icon))


class Content(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file: a misspelt key is refused, and nothing changes once it is read."""


class Link(Content, frozen=True):
    text: Name
    url: Url


class Hero(Content, frozen=True):
    """`buttons`: the first is the filled one."""

    headline: Annotated[str, Meta(max_length=80)] = ""
    text: Prose = ""
    buttons: Annotated[tuple[Link, ...], Meta(max_length=2)] = ()
    parallax: bool = True

    def __bool__(self) -> bool:
        return bool(self.headline)


class Banner(Content, frozen=True):
    """One line under the hero, with the form that opens a room or with a link."""

    lead: Annotated[str, Meta(max_length=80)] = ""
    text: Annotated[str, Meta(max_length=300)] = ""
    open_room: bool = False
    link: Link | None = None

    def __bool__(self) -> bool:
        return bool(self.lead or self.text or self.open_room or self.link)


class About(Content, frozen=True):
    """`text`: paragraphs with an empty line between."""

    title: Name = "About me"
    nav: Label = ""
    text: Prose = ""

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in self.text.split("\n\n") if part.strip()]

    def __bool__(self) -> bool:
        return bool(self.paragraphs)


class Project(Content, frozen=True):
    title: Name
    summary: Annotated[str, Meta(min_length=1, max_length=400)]
    drawing: Drawing | None = None
    tags: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    link: Url | None = None
    featured: bool = False


class Projects(Content, frozen=True):
    title: Name = "Projects"
    nav: Label = "Projects"
    items: tuple[Project, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items)


class Interest(Content, frozen=True):
    """A door: `title` on it, `text` behind it."""

    title: Name
    text: Annotated[str, Meta(min_length=1, max_length=240)]
    icon: Icon
    link: Link | None = None


class Interests(Content, frozen=True):
    title: Name = "Interests"
    nav: Label = "Interests"
    items: tuple[Interest, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items)


class Place(Content, frozen=True):
    label: Name
    text: Line
    url: Url | None = None


class Contact(Content, frozen=True):
    """The foot of the page. It is always last, so it is not among the sections."""

    title: Name = "Contact"
    nav: Label = "Contact"
    mail: Mail | None = None
    places: Annotated[tuple[Place, ...], Meta(max_length=6)] = ()
    social: Annotated[tuple[Link, ...], Meta(max_length=12)] = ()
    note: Prose = ""

    def __bool__(self) -> bool:
        return bool(self.mail or self.places or self.social)


class Site(Content, frozen=True):
    """The whole front page. A section that is empty or not in `sections` is not shown."""

    name: Name
    tagline: Annotated[str, Meta(max_length=120)] = ""
    sections: tuple[SectionName, ...] = SECTIONS
    hero: Hero = Hero()
    banner: Banner = Banner()
    about: About = About()
    projects: Projects = Projects()
    interests: Interests = Interests()
    contact: Contact = Contact()

    @property
    def shown(self) -> list[str]:
        """The names of the sections to show, in the order of the page."""
        return [name for name in self.sections if getattr(self, name)]

    @property
    def anchors(self) -> set[str]:
        """What a link to a part of this page may name; `talk` is the field that opens a room."""
        found = {*self.shown, "main"} | ({"contact"} if self.contact else set())
        return found | {"talk"} if "banner" in found and self.banner.open_room else found

    @property
    def nav(self) -> list[Link]:
        """The links to the sections that have a name there."""
        names = [name for name in self.shown if name in ("about", "projects", "interests")]
        parts = [(name, getattr(self, name)) for name in [*names, "contact"]]
        return [Link(text=part.nav, url=f"#{name}") for name, part in parts if part and part.nav]
