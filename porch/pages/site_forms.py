"""Between the files of the owner's site and the forms they are edited with: plain fields, lists as lines."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import request

from porch.errors import Invalid
from porch.site.composing import with_matter, with_tables
from porch.site.content import Content, Front, Interest, Link, Project, Text
from porch.site.problems import Problem
from porch.site.reading import FRONT, Files
from porch.site.whole import Item
from porch.texts import gettext

SEPARATOR = " | "


def front_values(front: Front) -> dict[str, Any]:
    """What the form of site.toml shows."""
    buttons = [*front.hero.buttons, None, None][:2]
    values: dict[str, Any] = {
        "name": front.name,
        "tagline": front.tagline,
        "description": front.description,
        "accent": front.accent,
        "theme": front.theme,
        "hero_headline": front.hero.headline,
        "hero_text": front.hero.text.strip(),
        "hero_image": front.hero.image or "",
        "hero_alt": front.hero.alt,
        "hero_parallax": front.hero.parallax,
        "banner_lead": front.banner.lead,
        "banner_text": front.banner.text,
        "banner_open_room": front.banner.open_room,
        "banner_link": _link_line(front.banner.link),
        "projects_title": front.projects.title,
        "projects_nav": front.projects.nav,
        "interests_title": front.interests.title,
        "interests_nav": front.interests.nav,
        "contact_title": front.contact.title,
        "contact_nav": front.contact.nav,
        "contact_mail": front.contact.mail or "",
        "contact_places": "\n".join(
            _line(place.label, place.text, place.url or "") for place in front.contact.places
        ),
        "contact_social": _link_lines(front.contact.social),
        "contact_note": front.contact.note.strip(),
    }
    for number, button in enumerate(buttons, 1):
        values[f"button_{number}_text"] = button.text if button else ""
        values[f"button_{number}_url"] = (button.url or "") if button else ""
    return values


def front_file(files: Files) -> bytes:
    """site.toml as the form has it. Raises Invalid for lines that are no links."""
    buttons = [
        {"text": _field(f"button_{number}_text"), "url": _field(f"button_{number}_url")}
        for number in _button_numbers()
    ]
    hero = _fields("hero", "headline", "text", "image", "alt") | {
        "buttons": buttons,
        "parallax": None,
    }
    headings = {name: _heading(name) for name in ("projects", "interests")}
    contact = _fields("contact", "title", "nav", "mail", "note") | {
        "places": _lines("contact_places", ("label", "text", "url"), least=2),
        "social": _lines("contact_social", ("text", "url")),
    }
    links = _lines("banner_link", ("text", "url"))
    banner = _fields("banner", "lead", "text") | {
        "open_room": "banner_open_room" in request.form,
        "link": links[0] if links else None,
    }
    top = {name: _field(name) for name in ("name", "tagline", "description", "accent", "theme")}
    made = with_tables(
        files.get(FRONT, b""), {"": top, "hero": hero, "banner": banner, **headings, "contact": contact}
    )
    # Here what is left out would mean something else than an empty text, or than "no".
    empty: dict[str, dict[str, Any]] = {
        name: {"nav": ""} for name in ("projects", "interests", "contact") if not _field(f"{name}_nav")
    }
    if "hero_parallax" not in request.form:
        empty["hero"] = {"parallax": False}
    return with_tables(made, empty, keep=True)


def matter_values(item: Item[Any]) -> dict[str, Any]:
    """What the form of a file with front matter shows."""
    meta = item.meta
    values = {name: getattr(meta, name) for name in meta.__struct_fields__}
    if isinstance(meta, Project):
        values |= {
            "tags": ", ".join(meta.tags),
            "links": _link_lines(meta.links),
            "date": meta.date.isoformat() if meta.date else "",
        }
    if isinstance(meta, Interest):
        values["link"] = _link_line(meta.link)
    return {name: "" if value is None else value for name, value in values.items()} | {
        "body": item.body.strip("\n")
    }


def matter_file(path: str, before: bytes | None, *, draft: bool) -> bytes:
    """A file with front matter as the form has it. Raises Invalid."""
    return with_matter(before, READERS[kind_of(path)]() | {"draft": draft}, request.form.get("body", ""))


def errors_by_field(path: str, problems: Iterable[Problem]) -> dict[str, str]:
    """What is to be said beside the fields of the form that was sent for this file, the first of each."""
    errors: dict[str, str] = {}
    for problem in problems:
        key = problem.key
        for place, number in enumerate(_button_numbers(), 1):
            key = key.replace(f"hero.buttons[{place}].", f"button_{number}_")
        if problem.file == path and (name := _field_of(key)):
            errors.setdefault(name, f"{key}: {problem.text}" if "[" in key else str(problem.text))
    return errors


def _field_of(key: str) -> str | None:
    """The field that holds a key: `contact_places` for `contact.places[2].url`, the text for none."""
    parts = re.sub(r"\[\d+\]", "", key or "body").split(".")
    names = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in request.form), None)


def _button_numbers() -> list[int]:
    """Of the buttons that have words: one without is not written."""
    return [number for number in (1, 2) if _field(f"button_{number}_text")]


def kind_of(path: str) -> type[Content]:
    if path.startswith("projects/"):
        return Project
    return Interest if path.startswith("interests/") else Text


def _text_matter() -> dict[str, Any]:
    return {"title": _field("title"), "nav": _field("nav")}


def _project_matter() -> dict[str, Any]:
    return {
        "title": _field("title"),
        "summary": " ".join(_field("summary").split()),
        "image": _field("image"),
        "alt": _field("alt"),
        "drawing": _field("drawing"),
        "tags": [tag.strip() for tag in _field("tags").split(",") if tag.strip()],
        "links": _lines("links", ("text", "url")),
        "featured": "featured" in request.form,
        "date": _date("date"),
    }


def _interest_matter() -> dict[str, Any]:
    links = _lines("link", ("text", "url"))
    return {
        "title": _field("title"),
        "icon": _field("icon"),
        "image": _field("image"),
        "alt": _field("alt"),
        "link": links[0] if links else None,
    }


READERS: Mapping[type[Content], Callable[[], dict[str, Any]]] = {
    Text: _text_matter,
    Project: _project_matter,
    Interest: _interest_matter,
}


def _field(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _fields(table: str, *names: str) -> dict[str, str]:
    return {name: _field(f"{table}_{name}") for name in names}


def _heading(name: str) -> dict[str, str]:
    return {"title": _field(f"{name}_title"), "nav": _field(f"{name}_nav")}


def _date(name: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(_field(name)) if _field(name) else None
    except ValueError:
        words = gettext("A date such as 2026-03-01.")
        raise Invalid(words, fields={name: words}) from None


def _lines(name: str, keys: tuple[str, ...], *, least: int | None = None) -> list[dict[str, str]]:
    """A list from lines with bars between; `least` parts of each have to be there. Raises Invalid."""
    found = []
    for line in filter(None, map(str.strip, _field(name).splitlines())):
        parts = [part.strip() for part in line.split("|")]
        if not (least or len(keys)) <= len(parts) <= len(keys) or not all(parts[:least]):
            words = gettext(
                "“%(line)s” is not of the form %(form)s.", line=line[:60], form=SEPARATOR.join(keys)
            )
            raise Invalid(words, fields={name: words})
        found.append({key: part for key, part in zip(keys, parts, strict=False) if part})
    return found


def _line(*parts: str) -> str:
    return SEPARATOR.join(part for part in parts if part)


def _link_line(link: Link | None) -> str:
    return _line(link.text, link.url) if link else ""


def _link_lines(links: tuple[Link, ...]) -> str:
    return "\n".join(map(_link_line, links))
