"""What the pages of the owner's site are made with: its content as HTML, its pictures, its addresses."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from porch.engines.files.images import Picture
from porch.site.colour import Palette, palette
from porch.site.content import Project, Text
from porch.site.folder import State
from porch.site.markdown import plain, to_html
from porch.site.own_media import OWN_MEDIA
from porch.site.reading import STYLE
from porch.site.whole import Item, Site, slug_of
from porch.web.assets import FOLDER as STATIC
from porch.web.assets import json_for_html
from porch.web.identity import engines
from porch.web.language import current_language
from porch.web.theme import current_theme

EXPORTED = "porch.export"  # in the environment of a request for a page that is to be written as a file
DESCRIPTION = 200  # characters


@dataclass(frozen=True)
class View:
    """A state of the site as pages show it; `base` is the public address, without a slash at its end, "" if
    it is not known.

    `chat` is where the rooms are: "" on this very site, None where there are none, as in an exported one.
    """

    state: State
    base: str
    chat: str | None = ""

    @property
    def site(self) -> Site:
        return self.state.site

    @property
    def exported(self) -> bool:
        return self.chat != ""

    def site_tag(self, name: str) -> str:
        """A tag as it stands in addresses; "" for one that has no letter or digit in it."""
        return slug_of(name)

    def reachable(self, url: str) -> bool:
        """Whether an address leads somewhere: an exported site without rooms has only its own pages."""
        is_own = url.startswith(("/projects/", "/feed.xml") if self.base else "/projects/")
        is_own = is_own or not url.startswith("/")
        return self.chat is not None or is_own

    @property
    def palette(self) -> Palette:
        return palette(self.site.front.accent, self.site.front.theme)

    def found(self, name: str | None) -> Picture | None:
        return engines().pictures.of(self.state, name)

    def picture(
        self, name: str, alt: str, *, sizes: str = "100vw", lazy: bool = True, base: str = ""
    ) -> Markup:
        """The image in the widths there are; nothing while it is not ready."""
        picture = self.found(name)
        if picture is None:
            return Markup()
        largest = picture.plain[-1]
        best = next((file for file in picture.plain if file.width >= 960), largest)
        waits = Markup(' loading="lazy"') if lazy else Markup(' fetchpriority="high"')
        return Markup(
            '<picture><source type="image/webp" srcset="{webp}" sizes="{sizes}">'
            '<img src="{src}" srcset="{plain}" sizes="{sizes}" alt="{alt}" width="{width}" height="{height}"'
            '{waits} decoding="async"></picture>'
        ).format(
            webp=_set(picture, picture.webp, base),
            plain=_set(picture, picture.plain, base),
            src=base + _address(picture, best.name),
            sizes=sizes,
            alt=alt,
            width=picture.width,
            height=picture.height,
            waits=waits,
        )

    def text(self, item: Item[Any], *, top: int, base: str = "") -> Markup:
        """The Markdown of a file; its largest headings have the level `top`. What is read elsewhere than on
        this site needs a `base`.
        """
        sizes = "(min-width: 48rem) 40rem, 100vw"
        return to_html(
            item.body,
            top=top,
            picture=lambda name, alt: self.picture(name, alt, sizes=sizes, base=base),
            base=base,
        )

    def own(self, text: str) -> Markup:
        """The owner's own HTML or style, in which media/NAME is the image of that name."""

        def address(found: re.Match[str]) -> str:
            picture = self.found(found[1])
            return _address(picture, picture.plain[-1].name) if picture else found[0]

        return Markup(OWN_MEDIA.sub(address, text))  # noqa: S704  # the owner's, who is trusted with it

    @property
    def style(self) -> str:
        """The address of the owner's own style sheet."""
        digest = hashlib.sha256(self.state.files[STYLE]).hexdigest()[:12]
        return f"/custom.css?v={digest}-{engines().pictures.version}"

    @property
    def inline_style(self) -> Markup:
        """The owner's own style sheet for a page that has it in itself; nothing in it ends the element."""
        text = self.state.files[STYLE].decode().removeprefix("\ufeff")
        return self.own(text.replace("</", r"<\/"))  # the same to CSS in strings, addresses and comments

    @property
    def needs_style_attributes(self) -> bool:
        """Whether a section of the owner's own HTML has style attributes."""
        parts = (section.item for section in self.site.shown if section.kind == "html")
        return any(item and re.search(r"\sstyle\s*=", item.body, re.IGNORECASE) for item in parts)

    def share_image(self, name: str | None = None) -> tuple[str, int, int] | None:
        """Address, width and height of what is shown where a page is shared, if it is known where that is."""
        if not self.base:
            return None
        picture = self.found(name) or self.found(self.site.hero.image) or engines().pictures.card
        if picture is None:
            return None
        fitting = [file for file in picture.plain if file.width <= 1440] or picture.plain
        return self.base + _address(picture, fitting[-1].name), fitting[-1].width, fitting[-1].height

    @property
    def description(self) -> str:
        site = self.site
        return clipped(site.front.description or site.hero.text or site.tagline)

    def about(self, item: Item[Project]) -> str:
        return clipped(item.meta.summary)

    @property
    def person(self) -> Markup:
        """Who the site is of, as JSON-LD. https://schema.org/Person"""
        site = self.site
        about = next((s.item for s in site.shown if s.kind == "text" and s.id == "about"), None)
        share = self.share_image()
        person: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "Person",
            "name": site.name,
            "url": f"{self.base}/" if self.base else None,
            "description": clipped(plain(about.body)) if about else self.description,
            "sameAs": [link.url for link in site.contact.social if link.url.startswith("http")],
            "image": share[0] if share else None,
        }
        return json_for_html({name: value for name, value in person.items() if value})

    def body(self, item: Item[Text]) -> Markup:
        """A section that is a file, under a heading of its own."""
        return self.own(item.body) if item.file.endswith(".html") else self.text(item, top=3)


def current_view() -> View:
    """The site as this request shows it; what is not ready yet is set going."""
    state = engines().site.state()
    settings = engines().settings
    exported = request.environ.get(EXPORTED)
    base = exported["base"] if exported else settings.url or request.host_url.rstrip("/")
    view = View(state, base, (exported["chat"] or None) if exported else "")
    engines().pictures.begin(state, share_card(state.site, view.palette))
    return view


def view_key(view: View) -> tuple[object, ...]:
    """All that a page for strangers depends on, besides its path."""
    return (
        view.state.version,
        engines().pictures.version,
        view.base,
        view.chat,
        current_theme(),
        current_language(),
        engines().site.name,
    )


def share_card(site: Site, colours: Palette) -> dict[str, str]:
    """What the picture for sharing says, and in which colours."""
    return {
        "name": engines().site.name,
        "text": site.tagline or site.front.description,
        "ground": "#f8f7f3",
        "ceiling": colours.ceiling,
        "line": "#b9c8ca",
        "paint": colours.day,
        "lamp": "#f5ae42",
        "ink": "#18282b",
        "soft": "#4d5d60",
        "serif": str(STATIC / "fonts" / "besley-english-normal.woff2"),
        "sans": str(STATIC / "fonts" / "libre-franklin-english-normal.woff2"),
    }


def site_palette() -> Palette:
    """The owner's colours, for every page."""
    front = engines().site.state().site.front
    return palette(front.accent, front.theme)


def palette_address() -> str:
    """The address of the style sheet with the owner's colour, for every page; "" when it is Porch's own."""
    style = site_palette().style
    return f"/palette.css?v={hashlib.sha256(style.encode()).hexdigest()[:12]}" if style else ""


def guarded(mail: str) -> Markup:
    """A mail address that can be read and copied, and that programs which gather addresses get wrong: every
    character is written as its number, between them stand words that nobody is shown.
    """
    name, _, host = mail.partition("@")
    decoy = Markup("<span hidden>{}</span>").format(_numbers(".not-this"))
    return _numbers(name) + decoy + _numbers("@") + decoy + _numbers(host)


def _numbers(text: str) -> Markup:
    return Markup("".join(f"&#{ord(character)};" for character in text))  # noqa: S704  # digits alone


def clipped(text: str) -> str:
    """In one line, at most as long as search engines show."""
    words = " ".join(text.split())
    return words if len(words) <= DESCRIPTION else words[:DESCRIPTION].rsplit(" ", 1)[0] + " …"


def _set(picture: Picture, files: list[Any], base: str) -> str:
    return ", ".join(f"{base}{_address(picture, file.name)} {file.width}w" for file in files)


def _address(picture: Picture, name: str) -> str:
    return url_for("pages.media", key=picture.key, name=name)
