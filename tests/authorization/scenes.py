"""The people and rooms that routes are called by and about."""

from __future__ import annotations

import base64
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from porch.claim import claim_token
from tests.support.database import change, rows
from tests.support.keys import Keys, an_epoch
from tests.support.people import Guest, Json
from tests.support.sealed import an_envelope, opening, sealed, text_of

ROOM = "The room in question"
# One white pixel, as a PNG.
AN_IMAGE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
A_REPORT = {"reason": "Rude"}

Bodies = dict[str, Callable[["Scene"], Json | bytes]]

_numbers = itertools.count(1)


def another_name() -> str:
    return f"Somebody {next(_numbers)}"


def a_message() -> Json:
    return {"content": "Hello", "client_id": str(uuid.uuid4())}


@dataclass
class Somebody:
    name: str = ""
    user_id: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """The application, asked without cookies, and the database under it."""

    app: Flask
    visitor: FlaskClient
    data: Path
    folder: Path  # of the owner's site
    version: Callable[[], object]  # of the database: another after each write
    password: str  # as a hash
    picture: str = ""  # its hash, once it is stored
    host: int | None = 0  # who is; 0 if nobody, None if a call may have changed that

    def open(self, method: str, path: str, who: Somebody, **options: Any) -> TestResponse:
        return self.visitor.open(path, method=method, headers=who.headers, **options)

    def asked(self, method: str, path: str, who: Somebody, body: object = None) -> Json:
        with self.open(method, path, who, json=body) as answer:
            assert answer.status_code < 400, answer.get_data(as_text=True)
            return answer.get_json() if answer.data else {}

    def sign_in(self) -> Somebody:
        session = self.asked("POST", "/sessions", Somebody(), {"username": another_name()})
        headers = {"Authorization": f"Bearer {session['token']}"}
        return Somebody(session["username"], session["user_id"], headers)

    def session_of(self, somebody: Somebody) -> int:
        (current,) = self.asked("GET", "/sessions", somebody)["sessions"]
        found: int = current["id"]
        return found

    def account(self) -> Somebody:
        """Made in the database: one hash is enough for all."""
        somebody = self.sign_in()
        account = 'UPDATE "user" SET guest = false, password = ? WHERE id = ?'
        assert change(self.data, account, self.password, somebody.user_id)
        return somebody

    def share_file(self, chat_id: int, somebody: Somebody, seq: int) -> int:
        """Let a message carry a picture, whose bytes are there for all."""
        if not self.picture:
            place = self.data / "picture"
            place.write_bytes(AN_IMAGE)
            self.picture = self.app.extensions["porch_engines"].uploads.store.put(place).digest
        columns = (chat_id, somebody.user_id, self.picture, self.picture, chat_id, seq)
        assert change(
            self.data,
            "INSERT INTO upload (chat_id, user_id, message_id, created_at, name, media_type, content, size,"
            " width, height, thumbnail, thumbnail_size, thumbnail_width, thumbnail_height) SELECT ?, ?, id,"
            " timestamp, 'a.png', 'image/webp', ?, 67, 1, 1, ?, 67, 1, 1"
            " FROM message WHERE chat_id = ? AND seq = ?",
            *columns,
        )
        ((found,),) = rows(self.data, "SELECT max(id) FROM upload")
        assert isinstance(found, int)
        return found


class Scene:
    """A room, the one person who calls, and who and what else a call may name."""

    def __init__(self, site: Site, who: str, kind: str = "listed") -> None:
        self.site, self.who = site, who
        self.owner = site.account()
        self.chat = site.asked("POST", "/chats", self.owner, {"name": ROOM, "kind": kind})
        self.here = f"/chats/{self.chat['id']}/"
        self.other = self.member()
        self.invitation = site.asked("POST", f"{self.here}invitations", self.owner)["url"]
        self.seq = self.say(self.owner)
        site.asked("POST", f"{self.here}messages/{self.seq}/reports", self.other, A_REPORT)
        (self.report,) = rows(site.data, "SELECT max(id) FROM report")[0]
        self.upload_id = site.share_file(self.chat["id"], self.owner, self.seq)
        self.person = self.arrive()
        self.appoint()

    def member(self) -> Somebody:
        person = self.site.sign_in()
        self.site.asked("POST", f"{self.here}members", self.owner, {"username": person.name})
        return person

    def say(self, somebody: Somebody) -> int:
        seq: int = self.site.asked("POST", f"{self.here}messages", somebody, a_message())["seq"]
        return seq

    def arrive(self) -> Somebody:
        match self.who:
            case "stranger":
                return Somebody()
            case "guest":
                return self.site.sign_in()
            case "creator":
                return self.owner
            case "admin":
                return self.site.account()
        person = self.member()
        self.seq = self.say(person)
        match self.who:
            case "removed":
                self.site.asked("DELETE", f"{self.here}members/{person.user_id}", self.owner)
            case "revoked":
                self.site.asked("DELETE", "/sessions/current", person)
            case "gone":
                self.site.asked("DELETE", self.here, self.owner)
        return person

    def appoint(self) -> None:
        """Nobody is the host but the one person, if that is who they are."""
        host = self.person.user_id if self.who == "admin" else 0
        if host == self.site.host:
            return
        self.site.host = host
        role = "CASE WHEN id = ? THEN 'admin' ELSE 'member' END"
        roles = f"UPDATE user SET role = {role} WHERE role = 'admin' OR id = ?"
        change(self.site.data, roles, host, host)

    def names(self, route: str) -> dict[str, str]:
        token = self.invitation.split("/")[2]
        if "/claim/" in route:
            token, self.site.host = claim_token(self.site.data), None
        session = self.site.session_of(self.owner) if "<int:session_id>" in route else 0
        return {
            "chat_id": str(self.chat["id"]),
            "hash_key": self.chat["hash_key"],
            "user_id": str(self.other.user_id),
            "username": f"{self.other.name}/",
            "session_id": str(session),
            "seq": str(self.seq),
            "report_id": str(self.report),
            "emoji": "%F0%9F%91%8D",
            "upload_id": str(self.upload_id),
            "token": token,
            "dev": text_of(32),
            "filename": "icon.svg",
            "slug": "isobar",
            "tag": "python",
            "key": "0" * 32,
            "path": "about.md",
            "name": "320.webp" if "/media/" in route else "spare.jpg",
        }


class DirectScene(Scene):
    """A direct chat of `owner` and `other`, and the one person who calls."""

    def __init__(self, site: Site, who: str) -> None:
        self.site, self.who = site, who
        self.owner, self.other = site.account(), site.sign_in()
        room = site.asked("POST", "/chats", self.owner, {"name": "Another room", "kind": "link"})
        self.chat = site.asked("POST", "/directs", self.owner, {"username": self.other.name})
        self.here = f"/chats/{self.chat['id']}/"
        self.invitation = "/invitations/none/"
        self.report = 1
        self.person = self.arrive()
        self.upload_id = site.share_file(self.chat["id"], self.owner, 1)
        self.appoint()
        if who in ("third", "admin"):
            site.asked("POST", f"/chatrooms/{room['hash_key']}/join", self.person)

    def arrive(self) -> Somebody:
        places = {one.user_id: self.say(one) for one in (self.owner, self.other)}
        person = self.owner
        match self.who:
            case "third":
                person = self.site.sign_in()
            case "admin":
                person = self.site.account()
            case "stranger":
                person = Somebody()
            case "other" | "blocked" | "revoked":
                person = self.other
        self.seq = places.get(person.user_id, 1)
        if self.who in ("blocker", "blocked"):
            self.site.asked("PUT", f"/blocks/{self.other.user_id}", self.owner)
        if self.who == "revoked":
            self.site.asked("DELETE", "/sessions/current", self.other)
        return person

    def names(self, route: str) -> dict[str, str]:
        of_them = self.owner if self.person is self.other else self.other
        return super().names(route) | {"user_id": str(of_them.user_id)}


class SealedScene(Scene):
    """A sealed room with two people, and the one person who calls: "member" is the second, and all others
    have the link without its key.
    """

    def __init__(self, site: Site, who: str) -> None:
        self.site, self.who = site, who
        self.owner, self.other = site.account(), site.sign_in()
        token = text_of(32)
        self.chat = site.asked("POST", "/chats", self.owner, opening(token, ROOM))
        self.here = f"/chats/{self.chat['id']}/"
        site.asked("POST", f"/chatrooms/{self.chat['hash_key']}/join", self.other, {"token": token})
        writer = self.other if who == "member" else self.owner
        sent = sealed(an_envelope(self.chat))
        self.seq = site.asked("POST", f"{self.here}messages", writer, sent)["seq"]
        self.invitation = "/invitations/none/"
        self.report = 1
        self.upload_id = site.share_file(self.chat["id"], writer, self.seq)
        self.person = self.other if who == "member" else self.arrive()
        self.appoint()


class EncryptedScene(Scene):
    """A direct chat of two accounts that has just been encrypted; the one who calls had written before."""

    def __init__(self, site: Site, who: str) -> None:
        self.site, self.who = site, who
        self.owner, self.other = site.account(), site.account()
        self.chat = site.asked("POST", "/directs", self.owner, {"username": self.other.name})
        self.here = f"/chats/{self.chat['id']}/"
        self.person = self.other
        self.seq = self.say(self.person)
        self.invitation = "/invitations/none/"
        self.report = 1
        self.upload_id = site.share_file(self.chat["id"], self.person, self.seq)
        both = [keys_for(one) for one in (self.owner, self.other)]
        for keys, one in zip(both, (self.owner, self.other), strict=True):
            site.asked("POST", "/keys", one, keys.first())
        site.asked("POST", f"{self.here}epochs", self.owner, an_epoch(self.chat, both, both[0].browser))
        self.appoint()


def keys_for(somebody: Somebody) -> Keys:
    person = Guest("")
    person.user_id = somebody.user_id
    return Keys(person)
