"""A walk through the pages of a site where something of everything has happened.

All that people have written there is in Greek letters: what is in Latin ones is Porch's.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from porch.actions.people.accounts import sign_up
from porch.actions.people.sessions import Browser
from porch.claim import claim_token
from tests.support.origin import OWN
from tests.support.people import PASSWORD

PAGE = {"Accept": "text/html"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

SITE = {
    "site.toml": """name = "Άννα Βέη"
tagline = "σχέδια"
description = "Εδώ μένω."
sections = ["hero", "banner", "about", "projects", "interests"]
[hero]
headline = "Γεια σας"
text = "Εδώ μένω."
buttons = [{text = "Έλα"}, {text = "Έργα", url = "/projects/"}]
[banner]
lead = "Μία γραμμή."
open_room = true
[projects]
title = "Έργα"
nav = "Έργα"
[interests]
title = "Αγάπες"
nav = "Αγάπες"
[contact]
title = "Γράψε μου"
nav = "Γράψε μου"
places = [{label = "Εδώ", text = "Πάτρα"}]
social = [{text = "Αλλού", url = "https://example.org/"}]
""",
    "about.md": '+++\ntitle = "Εγώ"\n+++\nΕίμαι εδώ.\n',
    "projects/one.md": '+++\ntitle = "Ένα"\nsummary = "Το πρώτο"\ntags = ["ξύλο"]\ndate = 2026-03-01\n+++\n',
    "projects/two.md": '+++\ntitle = "Δύο"\nsummary = "Το άλλο"\ntags = ["νερό"]\nfeatured = true\n+++\n',
    "projects/three.md": '+++\ntitle = "Τρία"\nsummary = "Το τρίτο"\n+++\nΚείμενο.\n',
    "projects/draft.md": '+++\ntitle = "Τέσσερα"\nsummary = "Κρυφό"\ndraft = true\n+++\nΚείμενο.\n',
    "interests/radio.md": '+++\ntitle = "Ραδιόφωνο"\nicon = "radio"\n+++\nΚύματα.\n',
    "press.html": "<p>Δικό μου.</p>",
}

# Where each of them goes.
PATHS = {
    "stranger": """
        / /projects/ /projects/one/ /projects/tagged/νερό/ /chatrooms/ /nothing/ /talk/ /offline/
        /login/ /login/?done=deleted /login/?next={room} /signup/ /signup/?next={room}
        /sessions/new/ /sessions/new/?next={room}
    """,
    "other": """
        / /chatrooms/ /chatrooms/?q=χ /chatrooms/?done=blocked
        {room} {room}messages/{seq}/ {room}messages/
        {room}messages/{own}/edit/ {room}messages/{own}/delete/ {room}messages/{seq}/delete/
        {room}messages/{seq}/report/
        {room}settings/ {room}settings/?done=saved {room}order/ {room}order/?done=removed {room}members/
        {room}delete/ {room}link/
        {room}members/{other}/ {room}members/{host}/ {room}members/{guest}/mute/ {room}members/{last}/mute/
        /direct/?to={guest} /direct/?to={host}
        /account/ /account/?done=name /account/delete/ /logout/ /mentions/ /mentions/?before=1
        /search/ /search/?q=Γεια /search/?q=ωωω /search/?q=Γεια&cursor=1 {invitation}
    """,
    "host": """
        / /chatrooms/ {room} {private} {empty} {private}settings/ {private}members/{host}/
        {room}order/ {room}messages/ /direct/?to={other} /search/
        /account/ /account/reports/ /account/reports/?done=resolved /account/audit/ /account/audit/?before=1
        /site/ /site/?done=moved /site/front/ /site/front/?done=saved /site/images/
        /site/files/projects/one.md/ /site/files/projects/draft.md/ /site/files/interests/radio.md/
        /site/files/about.md/ /site/files/press.html/ /site/files/custom.css/ /site/files/site.toml/
    """,
    "guest": """
        /chatrooms/ {room} {room}settings/ {room}members/ {room}members/{guest}/
        /account/ /logout/ /mentions/ /login/ /signup/ /direct/?to={other} /direct/Δάφνη/
    """,
    "last": "{room}",
}


class Visitor:
    """Somebody with a browser; all of them ask for pages in one language."""

    def __init__(self, app: Flask, language: str, token: str | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = OWN | {"Accept-Language": language, "User-Agent": FIREFOX}
        if token:
            self.client.set_cookie("porch", token)

    def page(self, path: str, /, **values: Any) -> str:
        """A page; with values, the one that a form leads to."""
        call = self.client.post if values else self.client.get
        options: dict[str, Any] = {"data": values} if values else {}
        answer = call(path, headers=self.headers | PAGE, follow_redirects=True, **options)
        assert answer.mimetype == "text/html", f"{path}: {answer.status} {answer.mimetype}"
        return str(answer.text)

    def call(self, method: str, path: str, body: object = None) -> Any:
        answer: TestResponse = self.client.open(path, method=method, json=body, headers=self.headers)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return answer.get_json(silent=True)

    def send(self, chat: Any, content: str, **more: object) -> Any:
        body = {"content": content, "client_id": str(uuid.uuid4())}
        return self.call("POST", f"/chats/{chat['id']}/messages", body | more)


class Tour:
    """The site in the folder `site`, and those who are on it. `language` is a code that browsers ask for."""

    def __init__(self, app: Flask, site: Path, language: str) -> None:
        self.app, self.language = app, language
        for name, text in SITE.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text)
        self.stranger = Visitor(app, language)
        self.claim_page = self.stranger.page(
            f"/claim/{claim_token(app.extensions['porch_engines'].settings.data)}/"
        )
        self.host = self._account("Άννα", host=True)
        self.other = self._account("Βασίλης")
        self.guest = self._guest("Γιώργος")
        self.last = self._guest("Δάφνη")
        self.people = {"host": self.host, "other": self.other, "guest": self.guest, "last": self.last}
        self.ids = {name: self._id(who) for name, who in self.people.items()}
        self._happen()

    def _account(self, name: str, *, host: bool = False) -> Visitor:
        with self.app.app_context():
            engines = self.app.extensions["porch_engines"]
            token = sign_up(engines, name, PASSWORD, Browser("", device="Firefox on Linux"), host=host).token
        return Visitor(self.app, self.language, token)

    def _guest(self, name: str) -> Visitor:
        visitor = Visitor(self.app, self.language)
        visitor.page("/sessions/new/", username=name)
        return visitor

    def _id(self, who: Visitor) -> int:
        return int(who.call("GET", "/sessions/current")["user_id"])

    def _happen(self) -> None:
        host, other, guest, last = self.host, self.other, self.guest, self.last
        self.room = other.call("POST", "/chats", {"name": "Λιμάνι", "kind": "listed"})
        self.private = host.call("POST", "/chats", {"name": "Κήπος", "kind": "private"})
        self.empty = host.call("POST", "/chats", {"name": "Άδειο", "kind": "link"})
        here = f"/chats/{self.room['id']}"
        for who in (host, guest, last):
            who.call("POST", f"/chatrooms/{self.room['hash_key']}/join")
            who.call("PUT", f"{here}/presence")
        first = guest.send(self.room, "Καλημέρα @Βασίλης")
        other.send(self.room, "Γεια", reply_to=first["seq"])
        edited = other.send(self.room, "Πάμε")
        other.call("PATCH", f"{here}/messages/{edited['seq']}", {"content": "Πάμε τώρα"})
        taken = guest.send(self.room, "Λάθος")
        guest.call("DELETE", f"{here}/messages/{taken['seq']}")
        other.send(self.room, "έλα")
        other.call("PUT", f"{here}/messages/{first['seq']}/pin")
        other.call("PUT", f"{here}/messages/{first['seq']}/reactions/👍")
        self.seq = first["seq"]
        self.own_seq = edited["seq"]
        other.call("POST", f"{here}/messages/{self.seq}/reports", {"reason": "Κακό"})
        other.call("PUT", f"{here}/moderators/{self.ids['last']}")
        other.call("PUT", f"{here}/mutes/{self.ids['guest']}", {"seconds": 3600})
        other.call("PATCH", f"{here}/", {"slow_mode": 30})
        banned = self._guest("Ελένη")
        banned.call("POST", f"/chatrooms/{self.room['hash_key']}/join")
        other.call("DELETE", f"{here}/members/{self._id(banned)}")
        self.direct = guest.call("POST", "/directs", {"username": "Βασίλης"})
        guest.send(self.direct, "Μιλάμε;")
        self.talk = other.call("POST", "/directs", {"username": "Άννα"})
        other.send(self.talk, "Καλησπέρα")
        host.call("PATCH", f"/directs/{self.talk['id']}", {"state": "open"})
        host.send(self.talk, "Λέγε")
        other.call("PUT", f"/blocks/{self.ids['last']}")
        link = host.call("POST", f"/chats/{self.private['id']}/invitations")
        self.invitation = urlsplit(link["url"]).path

    def pages(self) -> Iterator[tuple[str, str]]:
        """All of them, by names."""
        yield "the claim", self.claim_page
        for who, path in self._paths():
            visitor = self.stranger if who == "stranger" else self.people[who]
            yield f"{path} for the {who}", visitor.page(path)
        yield from self._forms()

    def _paths(self) -> Iterator[tuple[str, str]]:
        rooms = {"room": self.room, "private": self.private, "empty": self.empty}
        places = {name: f"/chatrooms/{chat['hash_key']}/" for name, chat in rooms.items()}
        known = self.ids | places | {"seq": self.seq, "own": self.own_seq, "invitation": self.invitation}
        for who, paths in PATHS.items():
            for path in paths.split():
                yield who, path.format(**known)

    def _forms(self) -> Iterator[tuple[str, str]]:
        room = f"/chatrooms/{self.room['hash_key']}/"
        yield "a wrong answer", self.guest.page(f"{self.direct['url']}answer/", answer="nothing")
        yield "a one-time link", self.other.page(f"{room}invitations/", now="yes")
        yield "an order", self.other.page(f"{room}order/", closed="yes", slow_mode="300")
        yield "a closed room", self.guest.page(room)
        yield "an unmuted one", self.other.page(f"{room}members/{self.ids['guest']}/mute/", seconds="0")
        yield "a closed room for who may not write", self.guest.page(room)
        yield "no end", self.other.page(f"{room}members/{self.ids['guest']}/mute/", seconds="")
        yield "muted for ever", self.guest.page(room)
        yield "the order then", self.other.page(f"{room}order/")
        yield "the mute then", self.other.page(f"{room}members/{self.ids['guest']}/mute/")
        yield "no image", self.host.page("/site/images/", now="yes")
        yield "a new file without a title", self.host.page("/site/new/", kind="text", title="")
        yield "a new file", self.host.page("/site/new/", kind="project", title="Ω")
        yield "no list", self.host.page("/site/order/", list="nothing")
        yield "the site after that", self.host.page("/site/")
        shown = self.host.page("/site/preview/", path="projects/one.md", title="Ω", summary="Ω", body="Ω")
        yield "a preview", shown
        yield "no preview", self.host.page("/site/preview/", path="site.toml", name="Ω", banner_link="Ω")
        wrong = self.host.page("/site/preview/", path="projects/one.md", title="Ω", summary="Ω", date="Ω")
        yield "no preview of a wrong date", wrong
        self.host.call("DELETE", f"/chats/{self.room['id']}/")
        yield "a deleted room", self.guest.page(room)
        yield "a deleted room, in the lobby", self.host.page("/chatrooms/?done=deleted")
