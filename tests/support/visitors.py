"""A browser with scripts switched off: follows links and redirects, fills in forms, keeps cookies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urlsplit

import requests

from tests.support.people import TIMEOUT, Guest

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Form:
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]


class Page:
    """An answer as a browser reads it, once somebody looks."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.path = urlsplit(response.url).path
        self.url = response.url

    @cached_property
    def _read(self) -> Reader:
        return Reader(self.response.text)

    @property
    def elements(self) -> list[Element]:
        return self._read.elements

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements with this tag and these attributes; `class_` and `data_x` stand for theirs."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [e for e in self.elements if e.tag == tag and wanted.items() <= e.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found

    def form(self, action: str, *, having: str | None = None) -> Form:
        """The first form that goes to `action`, and that has a field of this name."""
        return next(
            form
            for form in self.forms
            if form.action == action and (having is None or having in dict(form.fields))
        )

    @property
    def text(self) -> str:
        return " ".join(self.one("body").text.split())

    @property
    def messages(self) -> list[str]:
        """What has been said, as far as the page shows it."""
        return [e.text for e in self.all("p", dir="auto")]

    @property
    def errors(self) -> list[str]:
        """The errors that are shown at fields."""
        shown = [e for e in self.all("p", class_="error") if "hidden" not in e.attributes]
        return [e.text.strip() for e in shown]


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.forms: list[Form] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {
            name: value or "" for name, value in reversed(attrs)
        }  # of two with a name the first counts
        element = Element(tag, attributes)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get")))
        elif tag == "input" and self._in("form") and _is_sent(attributes):
            self.forms[-1].fields.append((attributes["name"], attributes.get("value", "")))
        elif tag == "select" and self._in("form"):
            self.forms[-1].fields.append((attributes["name"], ""))
        elif tag == "option" and "selected" in attributes and self._in("form"):
            name, _ = self.forms[-1].fields.pop()
            self.forms[-1].fields.append((name, attributes["value"]))
        elif tag == "button" and self._in("form") and "name" in attributes:
            self.forms[-1].buttons.append((attributes["name"], attributes.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if not self._in(tag):
            return
        while True:
            element = self._open.pop()
            if element.tag == "textarea" and "name" in element.attributes and self._in("form"):
                # The first newline inside is not part of the value (HTML standard, 4.10.11).
                self.forms[-1].fields.append((element.attributes["name"], element.text.removeprefix("\n")))
            if element.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def _in(self, tag: str) -> bool:
        return any(element.tag == tag for element in self._open)


def _is_sent(field: dict[str, str]) -> bool:
    """What has a name, and of boxes and of choices, those that are made."""
    return "name" in field and (field.get("type") not in ("radio", "checkbox") or "checked" in field)


class Visitor:
    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers.update(
            {"Accept": "text/html,application/xhtml+xml", "Origin": url, "Sec-Fetch-Site": "same-origin"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, path: str, **parameters: str) -> Page:
        return Page(self.session.get(self.url + path, params=parameters, timeout=TIMEOUT))

    def post(self, path: str, values: list[tuple[str, str]]) -> Page:
        """Send a form, as written here; the browser's own limits on lengths are not kept."""
        return Page(self.session.post(self.url + path, data=values, timeout=TIMEOUT))

    def submit(self, form: Form, button: tuple[str, str] | None = None, **typed: str) -> Page:
        """Fill in the form and press a button; without one, the form's own."""
        assert form.method == "post"
        assert typed.keys() <= dict(form.fields).keys(), "the form has no such field"
        values = [(name, typed.get(name, value)) for name, value in form.fields]
        return self.post(form.action, values + ([button] if button else []))

    def come_in(self, name: str, password: str = "") -> Guest:
        """Have a name, with a password an account, without the pages for that."""
        path, more = ("/users", {"password": password}) if password else ("/sessions", {})
        headers = {"Accept": "application/json"}
        answer = self.session.post(
            self.url + path, json={"username": name} | more, headers=headers, timeout=TIMEOUT
        )
        assert answer.status_code == 201, answer.text
        guest = Guest(self.url, answer.json()["token"])
        guest.username, guest.user_id = answer.json()["username"], answer.json()["user_id"]
        return guest

    def sign_in(self, name: str, then: str = "/chatrooms/") -> Page:
        page = self.get("/sessions/new/", next=then)
        return self.submit(page.form("/sessions/new/"), username=name)

    def open_room(self, name: str) -> Page:
        page = self.get("/chatrooms/")
        return self.submit(page.form("/chatrooms/", having="name"), name=name)

    def send(self, room: Page, content: str) -> Page:
        return self.submit(room.form(room.path), content=content)


Visit = Callable[[], Visitor]
