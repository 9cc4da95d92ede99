"""A room's log against a reference of a few lines: whatever happens, in whatever order, all read the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from porch.actions.messages.edits import delete_all_messages
from porch.app import create_app
from porch.cli import upgrade
from porch.config import Settings
from porch.engines import Engines
from porch.events import Event
from tests.conftest import NO_LIMITS
from tests.support.people import Json
from tests.support.waiting import eventually


@dataclass
class Reference:
    """A room's log as it ought to be. Each visible change takes one number."""

    rev: int = 0
    changed_rev: int = 0
    reset_rev: int = 0
    messages: dict[int, Json] = field(default_factory=dict)  # by seq, as they are by now

    def sent(self, message: Json) -> None:
        self.rev += 1
        assert (message["seq"], message["rev"]) == (self.rev, self.rev)
        self.messages[self.rev] = message

    def changed(self, seq: int, message: Json, **fields: object) -> None:
        self.rev += 1
        assert message == self.messages[seq] | fields | {"rev": self.rev}
        self.messages[seq] = message

    def renamed(self) -> None:
        self.rev += 1
        self.changed_rev = self.rev

    def emptied(self) -> None:
        if self.messages:
            self.renamed()
            self.messages, self.reset_rev = {}, self.rev

    def repeated(self, user_id: int, client_id: str) -> Json | None:
        known = [m for m in self.messages.values() if (m["user_id"], m["client_id"]) == (user_id, client_id)]
        return known[0] if known else None

    def after(self, cursor: int) -> list[Json]:
        return sorted((m for m in self.messages.values() if m["rev"] > cursor), key=lambda m: m["rev"])

    def before(self, place: int) -> list[Json]:
        return [self.messages[seq] for seq in sorted(self.messages) if seq < place]


@dataclass
class Reader:
    """A client by the book: reads page by page from its cursor to the head, and only then shows."""

    cursor: int
    loaded: dict[int, Json]  # by seq, from `bottom` on
    bottom: int
    position: int = 0  # of the drain that is under way; 0 when there is none
    collected: dict[int, Json] = field(default_factory=dict)
    reset_rev: int = 0

    def take(self, page: Json) -> None:
        self.collected |= {message["seq"]: message for message in page["messages"]}
        self.reset_rev = page["chat"]["reset_rev"] if page["chat"] else self.reset_rev
        self.position = page["rev"]
        if not page["more"]:
            self._show()

    def _show(self) -> None:
        if self.reset_rev > self.cursor:  # what stood before is gone
            self.cursor, self.bottom, self.loaded = self.reset_rev, 0, {}
        for seq in sorted(self.collected):
            if seq > self.cursor:
                assert seq > max(self.loaded, default=0), "new ones only ever appear at the end"
            if seq > self.cursor or seq in self.loaded:
                self.loaded[seq] = self.collected[seq]
        self.cursor = self.position
        self.collected, self.position, self.reset_rev = {}, 0, 0

    @property
    def view(self) -> list[Json]:
        return [self.loaded[seq] for seq in sorted(self.loaded) if not self.loaded[seq]["deleted"]]


@dataclass(frozen=True)
class Person:
    name: str
    user_id: int
    token: str


class Site:
    """The application, and three people who never run out of rooms."""

    def __init__(self, client: FlaskClient, engines: Engines) -> None:
        self.client = client
        self.engines = engines
        self.announced: list[Event] = []
        engines.delivery.observed_by(self.announced.append)
        self.people = [self._sign_in(name) for name in ("Ann", "Bob", "Cleo")]

    def call(self, who: Person | None, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {who.token}"} if who else {}
        answer = self.client.open(path, method=method, json=body, headers=headers)
        return answer.status_code, answer.get_json() if answer.data else None

    def _sign_in(self, name: str) -> Person:
        _, session = self.call(None, "POST", "/sessions", {"username": name})
        return Person(name, session["user_id"], session["token"])


PEOPLE = st.integers(0, 2)
WHO = st.none() | st.none() | PEOPLE  # None is whoever wrote it
OTHERS = st.integers(1, 2)  # the first opened the room and stays
WHICH = st.integers(0, 200)  # of what there is, counted round
LIMITS = st.integers(1, 200) | st.integers(1, 4)
# Some are so long that memory does not hold many of them.
TEXTS = st.sampled_from(["a", "b", "Zoë", "two\nlines", "  indented", "long " * 2000])
FEW_IDS = [f"6f0c8a4e-7a39-4cf1-9d8e-2b1d5a0c3e{number}" for number in range(11, 15)]
IDS = st.uuids().map(str) | st.sampled_from(FEW_IDS)


class LogMachine(RuleBasedStateMachine):
    site: ClassVar[Site]

    @initialize()
    def open_room(self) -> None:
        _, self.chat = self.site.call(self.site.people[0], "POST", "/chats", {"name": "A room"})
        self.here = f"/chats/{self.chat['id']}"
        self.name = self.chat["name"]
        self.log = Reference()
        self.members = {0}
        self.readers: list[Reader] = []
        for person in (1, 2):
            self.come_in(person)
        self.talk([(person, "Hello") for person in (0, 1, 2, 1, 0)])

    def ask(self, person: int, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return self.site.call(self.site.people[person], method, self.here + path, body)

    def page(self, query: str) -> Json:
        status, page = self.ask(0, "GET", f"/messages?{query}")
        assert status == 200, page
        assert page["head"] == self.log.rev
        return dict(page)

    # What may happen.

    @rule(person=PEOPLE, content=TEXTS, client_id=IDS)
    def send(self, person: int, content: str, client_id: str) -> None:
        author = self.site.people[person]
        body = {"content": content, "client_id": client_id}
        status, message = self.ask(person, "POST", "/messages", body)
        known = self.log.repeated(author.user_id, client_id)
        if person not in self.members:
            assert status == 404
        elif known is None:
            mine = {"user_id": author.user_id, "username": author.name, "guest": True}
            plain = {"chat_id": self.chat["id"], "edited_at": None, "deleted": False}
            assert status == 201
            assert message == message | body | mine | plain
            self.log.sent(message)
        elif known["content"] == content or known["edited_at"] or known["deleted"]:
            assert (status, message) == (200, known)
        else:
            assert status == 409

    @precondition(lambda self: self.log.messages)
    @rule(repeats=st.lists(st.tuples(WHO, WHICH, TEXTS), min_size=1, max_size=4))
    def repeat_some(self, repeats: list[tuple[int | None, int, str]]) -> None:
        for who, which, content in repeats:
            _, known, person = self.some_place(which, who)
            if known:
                self.send(person, content, known["client_id"])
                self.send(person, known["content"] or content, known["client_id"])

    @rule(turns=st.lists(st.tuples(PEOPLE, TEXTS), min_size=1, max_size=8))
    def talk(self, turns: list[tuple[int, str]]) -> None:
        for person, content in turns:
            self.send(person, content, str(uuid.uuid4()))

    @precondition(lambda self: self.log.messages)
    @rule(edits=st.lists(st.tuples(WHO, WHICH, TEXTS), min_size=1, max_size=4))
    def edit_some(self, edits: list[tuple[int | None, int, str]]) -> None:
        for edit in edits:
            self.edit(*edit)

    def edit(self, who: int | None, which: int, content: str) -> None:
        seq, known, person = self.some_place(which, who)
        status, message = self.ask(person, "PATCH", f"/messages/{seq}", {"content": content})
        if refusal := self.refusal(person, known):
            assert status == refusal
        elif known["deleted"]:
            assert status == 409
        elif known["content"] == content:
            assert (status, message) == (200, known)
        else:
            assert status == 200
            assert message["edited_at"] is not None
            self.log.changed(seq, message, content=content, edited_at=message["edited_at"])

    @precondition(lambda self: self.log.messages)
    @rule(deletions=st.lists(st.tuples(WHO, WHICH), min_size=1, max_size=3))
    def delete_some(self, deletions: list[tuple[int | None, int]]) -> None:
        for deletion in deletions:
            self.delete(*deletion)

    def delete(self, who: int | None, which: int) -> None:
        seq, known, person = self.some_place(which, who)
        status, message = self.ask(person, "DELETE", f"/messages/{seq}")
        refusal = self.refusal(person, known)
        takes_back = refusal == 403 and person == 0  # who opened the room, of somebody else
        if refusal and not takes_back:
            assert status == refusal
        elif known["deleted"]:
            assert (status, message) == (200, known)
        else:
            assert status == 200
            more = {"removed": True} if takes_back else {}
            self.log.changed(seq, message, content="", edited_at=None, deleted=True, **more)

    def some_place(self, which: int, who: int | None) -> tuple[int, Json, int]:
        """A place with its message, or one where none stands; and who changes it, for None its author."""
        places = [*sorted(self.log.messages), self.log.rev + 1]
        seq = places[which % len(places)]
        known = self.log.messages.get(seq, {})
        authors = [person.user_id for person in self.site.people]
        author = authors.index(known["user_id"]) if known else 0
        return seq, known, author if who is None else who

    def refusal(self, person: int, known: Json) -> int | None:
        if person not in self.members or not known:
            return 404
        return 403 if known["user_id"] != self.site.people[person].user_id else None

    @rule(name=st.sampled_from(["A room", "Another room"]))
    def rename(self, name: str) -> None:
        status, chat = self.ask(0, "PATCH", "/", {"name": name})
        if name != self.name:
            self.log.renamed()
            self.name = name
        assert (status, chat["name"], chat["rev"]) == (200, name, self.log.rev)

    @precondition(lambda self: len(self.log.messages) > 10)
    @rule()
    def delete_all(self) -> None:
        assert delete_all_messages(self.site.engines, self.chat["id"]) == len(self.log.messages)
        self.log.emptied()

    @rule(person=OTHERS, removed=st.booleans())
    def go(self, person: int, removed: bool) -> None:
        if person in self.members:
            user_id = self.site.people[person].user_id
            assert self.ask(0 if removed else person, "DELETE", f"/members/{user_id}")[0] == 204
            self.members.remove(person)
        assert self.ask(person, "GET", "/messages?after=0")[0] == 404

    @rule(person=OTHERS)
    def come_in(self, person: int) -> None:
        assert self.ask(0, "POST", "/members", {"username": self.site.people[person].name})[0] == 201
        self.members.add(person)
        assert self.ask(person, "GET", "/messages?after=0")[1]["head"] == self.log.rev

    # Who reads, with anything happening between two pages.

    @rule(limit=st.none() | LIMITS)
    def arrive(self, limit: int | None) -> None:
        """Read the newest page as a room's page shows it, or as one that goes back would."""
        page = self.page(f"before={self.log.rev + 1}&limit={limit}") if limit else self.ask(0, "GET", "/")[1]
        messages = page["messages"]
        assert messages == self.log.before(self.log.rev + 1)[-(limit or 50) :]
        assert page["more"] is (len(messages) < len(self.log.messages))
        bottom = messages[0]["seq"] if page["more"] else 0
        self.readers.append(Reader(page["rev"], {m["seq"]: m for m in messages if not m["deleted"]}, bottom))

    @precondition(lambda self: self.readers)
    @rule(which=WHICH, limit=LIMITS)
    def read_on(self, which: int, limit: int) -> None:
        reader = self.readers[which % len(self.readers)]
        reader.take(self.page(f"after={reader.position or reader.cursor}&limit={limit}"))

    @precondition(lambda self: self.readers)
    @rule(which=WHICH, limit=LIMITS)
    def catch_up(self, which: int, limit: int) -> None:
        """The law: page plus changes is what a fresh page would show."""
        reader = self.readers[which % len(self.readers)]
        while reader.position or reader.cursor < self.log.rev:
            reader.take(self.page(f"after={reader.position or reader.cursor}&limit={limit}"))
        fresh = [m for m in self.log.before(self.log.rev + 1) if not m["deleted"]]
        assert reader.view == [m for m in fresh if m["seq"] >= reader.bottom]

    @rule(which=WHICH, limit=LIMITS)
    def page_forward(self, which: int, limit: int) -> None:
        cursor = which % (self.log.rev + 1)
        wanted, got, more = self.log.after(cursor), list[Json](), True
        while more:
            page = self.page(f"after={cursor}&limit={limit}")
            assert (page["chat"] is not None) is (self.log.changed_rev > cursor)
            if page["chat"]:
                told = (page["chat"]["name"], page["chat"]["reset_rev"], page["chat"]["rev"])
                assert told == (self.name, self.log.reset_rev, self.log.rev)
            more = page["more"]
            assert len(page["messages"]) == min(limit, len(wanted) - len(got))
            got += page["messages"]
            assert more is (len(got) < len(wanted))
            assert page["rev"] == (got[-1]["rev"] if more else self.log.rev)
            cursor = page["rev"]
        assert got == wanted
        assert self.ask(0, "GET", f"/messages?after={self.log.rev + 1}")[0] == 400

    @rule(which=WHICH, limit=LIMITS)
    def page_back(self, which: int, limit: int) -> None:
        place = which % (self.log.rev + 2) + 1
        wanted, got, more = self.log.before(place), list[Json](), True
        while more:
            page = self.page(f"before={place}&limit={limit}")
            assert (page["rev"], page["chat"]) == (self.log.rev, None)
            assert len(page["messages"]) == min(limit, len(wanted) - len(got))
            got = page["messages"] + got
            more = page["more"]
            assert more is (len(got) < len(wanted))
            place = got[0]["seq"] if got else place
        assert got == wanted

    @invariant()
    def the_head_is_the_last_number(self) -> None:
        nothing: Json = {
            "messages": [],
            "chat": None,
            "rev": self.log.rev,
            "head": self.log.rev,
            "more": False,
        }
        assert self.page(f"after={self.log.rev}") == nothing

    def teardown(self) -> None:
        for which in range(len(self.readers)):
            self.catch_up(which, limit=3)
        eventually(lambda: len(self.announced()) >= self.log.rev, within=3)
        assert self.announced() == list(range(1, self.log.rev + 1)), "each change is announced once, in order"

    def announced(self) -> list[int]:
        told = [e for e in self.site.announced if e.chat_id == self.chat["id"]]
        return [e.payload["rev"] for e in told if e.name in ("message", "chat")]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[type[LogMachine]]:
    app = create_app("threading", Settings(data=tmp_path / "data", **NO_LIMITS))
    engines: Engines = app.extensions["porch_engines"]
    with app.app_context():
        upgrade()
    LogMachine.site = Site(app.test_client(use_cookies=False), engines)
    yield LogMachine
    engines.writer.stop()


def run(machine: type[LogMachine], *, examples: int, steps: int) -> None:
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),  # of how long it takes, and how much is thrown away
    )
    run_state_machine_as_test(machine, settings=profile)


@pytest.mark.timeout(600)  # when it fails: what is shown then is the shortest way to fail
def test_everybody_reads_the_same_whatever_happens(machine: type[LogMachine]) -> None:
    run(machine, examples=15, steps=30)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_everybody_reads_the_same_whatever_happens_for_long(machine: type[LogMachine]) -> None:
    run(machine, examples=1000, steps=80)
