"""What the files of the site may say, as plain values with their bounds. Reading them is in `reading`, and
what they make together in `whole`.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Label = Annotated[str, Meta(max_length=30)]  # "" leaves the link to a section out of the bar
OneLine = Annotated[str, Meta(min_length=1, max_length=160)]
Prose = Annotated[str, Meta(max_length=4000)]
Alt = Annotated[str, Meta(max_length=300)]
Order = Annotated[int, Meta(ge=-10_000, le=10_000)]
# A page of this site, a part of this page, or an address elsewhere. Nothing that could run.
Url = Annotated[str, Meta(max_length=500, pattern=r"^(https?://|mailto:|/(?![/\\])|#)[^\s\\]*\Z")]
Mail = Annotated[str, Meta(max_length=254, pattern=r"^[^@\s?&<>\"]+@[^@\s?&<>\"]+\.[^@\s?&<>\"]+\Z")]
Colour = Annotated[str, Meta(pattern=r"^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")]
# A file of the folder media/.
Media = Annotated[str, Meta(pattern=r"(?i)^[a-z0-9][a-z0-9_.\-]{0,79}\.(jpe?g|png|webp|gif|avif)\Z")]
# A section of a kind of its own, or a file beside site.toml: `now.md`, `press.html`.
SectionName = Annotated[
    str,
    Meta(
        pattern=r"^(hero|banner|about|projects|interests|[a-z0-9]+(-[a-z0-9]+)*\.(md|html))\Z", max_length=60
    ),
]

KINDS = ("hero", "banner", "about", "projects", "interests")
Drawing = Literal["isobars", "moons", "weave", "house"]
Icon = Literal["bird", "bread", "mend", "press", "radio", "ridge"]
Theme = Literal["porch", "gallery", "press"]
DRAWINGS, ICONS, THEMES = (get_args(kind) for kind in (Drawing, Icon, Theme))


class Content(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a file: a misspelt key is refused, and nothing changes once it is read."""


class Link(Content, frozen=True):
    text: Name
    url: Url


class Button(Content, frozen=True):
    """Leads to `url`; without one it opens a room with the host."""

    text: Name
    url: Url | None = None


class Hero(Content, frozen=True):
    """`buttons`: the first is the filled one. With an `image` that stands where the porch is drawn."""

    headline: Annotated[str, Meta(max_length=80)] = ""
    text: Prose = ""
    buttons: Annotated[tuple[Button, ...], Meta(max_length=2)] = ()
    image: Media | None = None
    alt: Alt = ""
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


class ProjectsHeading(Content, frozen=True):
    title: Name = "Projects"
    nav: Label = "Projects"


class InterestsHeading(Content, frozen=True):
    title: Name = "Interests"
    nav: Label = "Interests"


class Place(Content, frozen=True):
    label: Name
    text: OneLine
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


class Front(Content, frozen=True):
    """`site.toml`: whose site it is, how it looks, what is on its front page and in which order."""

    name: Name
    tagline: Annotated[str, Meta(max_length=120)] = ""
    description: Annotated[str, Meta(max_length=300)] = ""
    accent: Colour = "#185c68"
    theme: Theme = "porch"
    sections: Annotated[tuple[SectionName, ...], Meta(max_length=40)] = KINDS
    hero: Hero = Hero()
    banner: Banner = Banner()
    projects: ProjectsHeading = ProjectsHeading()
    interests: InterestsHeading = InterestsHeading()
    contact: Contact = Contact()


class Text(Content, frozen=True):
    """The front matter of `about.md` and of every other section that is a file. Drafts are not served."""

    title: Annotated[str, Meta(max_length=60)] = ""
    nav: Label = ""
    draft: bool = False


class Project(Content, frozen=True):
    """The front matter of a file in `projects/`; what follows it is the project's own page."""

    title: Name
    summary: Annotated[str, Meta(min_length=1, max_length=400)]
    image: Media | None = None
    alt: Alt = ""
    drawing: Drawing | None = None
    tags: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    links: Annotated[tuple[Link, ...], Meta(max_length=8)] = ()
    featured: bool = False
    order: Order = 0
    date: datetime.date | None = None
    draft: bool = False


class Interest(Content, frozen=True):
    """The front matter of a file in `interests/`: a door, with `title` on it and the text behind it."""

    title: Name
    icon: Icon | None = None
    image: Media | None = None
    alt: Alt = ""
    link: Link | None = None
    order: Order = 0
    draft: bool = False
