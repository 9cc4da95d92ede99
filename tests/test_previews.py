"""Link previews: which messages get one, and how it goes again."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from porch.app import create_app
from porch.cli import upgrade
from porch.config import Settings
from porch.engines.outside.fetching import Unfetched
from porch.engines.outside.page_head import PageHead
from porch.engines.outside.previews import MOST_WAITING, REMEMBERED, Place, Previews
from porch.events import Event
from tests.support.people import Json

LINK = "https://lamp.example/"
TOLD = {"url": LINK, "title": "Lamps", "description": "All of them", "site": "The lamp shop"}


class Pages:
    """The web as the server sees it. `asked` is what was fetched; what is not in `pages` cannot be had."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pages = {LINK: PageHead("Lamps", "All of them", "The lamp shop")}
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, url: str) -> PageHead | None:
        self.asked.append(url)
        self.meanwhile()
        try:
            return self.pages[url]
        except KeyError:
            raise Unfetched("no page") from None


def work_off(previews: Previews) -> None:
    """See to all that waits now, as `work` does, and not to what comes."""
    while not previews._links.empty():
        previews.see_to(previews._links.get())


class Room:
    """A room of somebody's, by HTTP, and what waits to be looked at."""

    def __init__(self, app: Flask, pages: Pages) -> None:
        self.app = app
        self.pages = pages
        self.author = self.sign_in("Ada")
        self.chat = self.ask("POST", "/chats", {"name": "A room"})
        self.here = f"/chats/{self.chat['id']}"

    def sign_in(self, name: str) -> FlaskClient:
        client = self.app.test_client(use_cookies=False)
        answer = client.post("/sessions", json={"username": name}).get_json()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer['token']}"
        return client

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        answer = self.author.open(path, method=method, json=body)
        assert answer.status_code < 400, answer.get_json()
        told: Json = answer.get_json()
        return told

    def say(self, content: str, here: str | None = None) -> Json:
        body = {"content": content, "client_id": str(uuid.uuid4())}
        return self.ask("POST", f"{here or self.here}/messages", body)

    def edit(self, seq: int, content: str) -> Json:
        return self.ask("PATCH", f"{self.here}/messages/{seq}", {"content": content})

    def look(self) -> None:
        """The server looks at what waits, as it does beside the requests."""
        work_off(self.app.extensions["porch_previews"])

    def message(self, seq: int) -> Json:
        return self.ask("GET", f"{self.here}/messages/{seq}")


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def make_room(tmp_path: Path, pages: Pages) -> Iterator[Callable[..., Room]]:
    made = []

    def make(**settings: Any) -> Room:
        chosen: dict[str, Any] = {"data": tmp_path / "data", "site": tmp_path / "site", "message_rate": None}
        app = create_app("threading", Settings(**chosen | settings), fetch=pages)
        made.append(app)
        with app.app_context():
            upgrade()
        return Room(app, pages)

    yield make
    for app in made:
        app.extensions["porch_engines"].writer.stop()


@pytest.fixture
def room(make_room: Callable[..., Room]) -> Room:
    return make_room(link_previews=True)


def test_a_message_with_a_link_gets_its_preview_afterwards(room: Room) -> None:
    sent = room.say(f"Look: {LINK}.")
    assert room.pages.asked == [], "the request has fetched"
    room.look()
    message = room.message(1)
    assert message == sent | {"rev": 2, "preview": TOLD}
    assert message["edited_at"] is None
    assert room.ask("GET", f"{room.here}/messages?after=1")["messages"] == [message]
    assert room.ask("GET", f"{room.here}/messages?before=2")["messages"] == [message]
    room.look()
    assert room.message(1)["rev"] == 2


def test_previews_are_off_unless_the_host_wants_them(make_room: Callable[..., Room]) -> None:
    room = make_room()
    room.say(LINK)
    room.edit(1, f"{LINK}x")
    assert room.app.extensions["porch_previews"] is None
    assert room.pages.asked == []


def test_only_the_first_link_is_looked_at_and_not_everything_is_one(room: Room) -> None:
    room.say(f"{LINK} https://other.example/")
    room.say("lamp.example")
    room.say(f"`{LINK}`")
    room.look()
    assert room.pages.asked == [LINK]
    assert [seq for seq in (1, 2, 3) if "preview" in room.message(seq)] == [1]


def test_a_page_that_cannot_be_had_changes_nothing(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    sent = room.say("https://nowhere.example/secret")
    room.look()
    assert room.pages.asked == ["https://nowhere.example/secret"]
    assert room.message(1) == sent
    assert "no page" in caplog.text
    assert "nowhere.example" not in caplog.text


def test_an_edit_that_changes_the_link_fetches_anew(room: Room) -> None:
    other = "https://kettle.example/"
    room.pages.pages[other] = PageHead("Kettles", "", "")
    room.say(LINK)
    room.look()
    edited = room.edit(1, f"Look here: {LINK}")
    assert edited["preview"] == TOLD
    room.look()
    assert room.pages.asked == [LINK]
    assert "preview" not in room.edit(1, other)
    room.look()
    assert room.message(1)["preview"] == {"url": other, "title": "Kettles", "description": "", "site": ""}
    assert "preview" not in room.edit(1, "Never mind")
    room.look()
    assert "preview" not in room.message(1)
    assert room.pages.asked == [LINK, other]


def test_what_happens_to_the_message_while_its_page_is_fetched_counts(room: Room) -> None:
    room.say(LINK)
    room.pages.meanwhile = lambda: room.edit(1, "Never mind")
    room.look()
    assert "preview" not in room.message(1)
    room.say("https://gone.example/")
    room.pages.pages["https://gone.example/"] = room.pages.pages[LINK]
    room.pages.meanwhile = lambda: room.ask("DELETE", f"{room.here}/messages/3")
    room.look()
    assert room.message(3)["deleted"]
    assert "preview" not in room.message(3)


def test_what_is_deleted_is_not_fetched_and_has_no_preview(room: Room) -> None:
    room.say(LINK)
    room.look()
    tombstone = room.ask("DELETE", f"{room.here}/messages/1")
    assert "preview" not in tombstone
    room.say("https://gone.example/")
    room.ask("DELETE", f"{room.here}/messages/4")
    room.look()
    assert room.pages.asked == [LINK]


def test_the_author_takes_it_off_and_it_stays_off(room: Room) -> None:
    room.say(LINK)
    room.look()
    path = f"{room.here}/messages/1/preview"
    bare = room.ask("DELETE", path)
    assert "preview" not in bare
    assert (bare["rev"], bare["edited_at"]) == (3, None)
    assert room.ask("DELETE", path) == bare
    room.ask("PUT", f"{room.here}/messages/1/pin")
    room.edit(1, f"{LINK} it is")
    room.look()
    assert "preview" not in room.message(1)

    other = room.sign_in("Bob")
    other.post(f"/chatrooms/{room.chat['hash_key']}/join")
    assert other.delete(path).status_code == 403


def test_one_link_in_many_rooms_is_fetched_once(room: Room) -> None:
    other = f"/chats/{room.ask('POST', '/chats', {'name': 'Another'})['id']}"
    room.say(LINK)
    room.say(LINK, other)
    room.look()
    room.say(LINK)
    room.look()
    assert room.pages.asked == [LINK]
    assert room.message(3)["preview"] == room.ask("GET", f"{other}/messages/1")["preview"] == TOLD


class Kept(list[Place]):
    """An engine without a database: what it was to keep."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.pages = Pages()
        self.previews = Previews(
            self.pages,
            wanted=lambda *_: True,
            keep=lambda place, _: self.append(place),
            clock=lambda: self.now,
        )

    def hear(self, seq: int, **changed: Any) -> None:
        message = {"chat_id": 1, "seq": seq, "rev": seq, "deleted": False, "content": LINK} | changed
        self.previews.observe(Event("message", message))


def test_a_page_is_remembered_for_an_hour() -> None:
    kept = Kept()
    for now in (0.0, REMEMBERED - 1, REMEMBERED + 1):
        kept.now = now
        kept.hear(1)
        work_off(kept.previews)
    assert kept.pages.asked == [LINK, LINK]


def test_more_than_can_wait_does_not() -> None:
    kept = Kept()
    for seq in range(1, MOST_WAITING + 10):
        kept.hear(seq)
    work_off(kept.previews)
    assert len(kept) == MOST_WAITING
    kept.hear(1)
    work_off(kept.previews)
    assert len(kept) == MOST_WAITING + 1


def test_changes_of_a_message_are_nothing_new() -> None:
    kept = Kept()
    kept.hear(1, rev=2)
    kept.hear(2, deleted=True)
    work_off(kept.previews)
    assert kept == []
