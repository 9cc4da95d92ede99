"""What memory answers is what the database would: over random histories, and at the moments that are hard."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from porch import lookup
from porch.access import actors
from porch.access.actors import actor_for_session
from porch.access.chats import chat_for, is_member
from porch.access.links import chat_by_link
from porch.actions.notifications.reads import mark_read
from porch.actions.order.members import remove_member
from porch.actions.reading.excerpts import newest_excerpt
from porch.actions.reading.log import messages_after, messages_before, newest_messages
from porch.actions.rooms.chats import delete_chat, join_chat, open_chat
from porch.engines import Engines
from porch.engines.reading.live_rooms import LARGEST_HELD, MOST_HELD, LiveRoom
from porch.engines.reading.memory import LATELY, LONG, MOST_NEWS, DataVersion, Look, Memory, Standing, Table
from porch.errors import Invalid, NotFound, RoomDeleted, Unauthenticated
from porch.extensions import db
from porch.models.clock import utc_now
from tests.conftest import NO_LIMITS
from tests.support.actors import an_actor
from tests.support.database import change, write_messages
from tests.support.people import a_name
from tests.support.town import Town, said, say
from tests.support.waiting import eventually


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(**NO_LIMITS)


@pytest.fixture
def memory(engines: Engines) -> Memory:
    return lookup.memory()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], object]:
    """Ask something with a memory that knows nothing and keeps nothing."""

    def ask(question: Callable[[], object]) -> object:
        with monkeypatch.context() as patch:
            patch.setattr(Memory, "look", lambda memory: Look(memory, None))
            return said(question)

    return ask


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))])
def test_memory_answers_what_the_database_would(
    engines: Engines,
    data: Path,
    memory: Memory,
    forgetful: Callable[[Callable[[], object]], object],
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    remembered = []
    get = Look.get

    def counted(look: Look, table: Any, key: Any) -> Any:
        found = get(look, table, key)
        remembered.append(found is not None)
        return found

    monkeypatch.setattr(Look, "get", counted)
    town = Town(engines, data, seed)
    for _ in range(300):
        town.happen()
        for _ in range(3):
            question, state = town.question(), town.random.getstate()
            answer = said(question)
            town.random.setstate(state)
            assert answer == forgetful(question)
    assert sum(remembered) > 300, "memory knew too little for this to say anything"


# What need not be read again.


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on nothing can be read from the database."""

    def begin() -> None:
        def no_reading() -> None:
            raise AssertionError("the database was read")

        for module in ("actors", "authors", "chats", "links", "messages", "uploads"):
            monkeypatch.setattr(f"porch.access.{module}.reading", no_reading)
        for module in ("lookup", "actions.reading.log", "actions.reading.excerpts"):
            monkeypatch.setattr(f"porch.{module}.snapshot", no_reading)

    return begin


@pytest.mark.sqlite("on PostgreSQL memory does not hold what is said")
def test_what_was_read_once_is_answered_from_memory(engines: Engines, unread: Callable[[], None]) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    for _ in range(60):
        say(engines, ann, chat.id)

    def look() -> None:
        actor_for_session(engines.settings, ann.session_id)
        assert join_chat(engines, ann, chat.hash_key).id == chat.id
        assert chat_for(ann, chat.id).rev >= 60
        assert len(newest_messages(ann, chat.id)[1].messages) == 50
        assert len(newest_excerpt(ann, chat.id).messages) == 36

    look()
    message = say(engines, ann, chat.id)
    unread()
    look()
    assert newest_messages(ann, chat.id)[1].messages[-1] == message
    assert messages_after(ann, chat.id, after=60).messages == [message]
    assert messages_after(ann, chat.id, after=61).messages == []


@pytest.mark.sqlite("on PostgreSQL memory does not hold what is said")
def test_a_rooms_page_asks_the_database_little_and_of_a_known_room_what_is_ones_own_alone(
    app: Flask,
) -> None:
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2] != "BEGIN":
            asked.append(arguments[2])

    with app.app_context():
        engines: Engines = app.extensions["porch_engines"]
        ann = an_actor(engines)
        chat = open_chat(engines, ann, name="A room", address="test")
        for _ in range(60):
            say(engines, ann, chat.id)
        event.listen(db.engine, "before_cursor_execute", note)
    browser = app.test_client()
    browser.post("/sessions", json={"username": a_name()})
    path = f"/chatrooms/{chat.hash_key}/"
    assert browser.get(path).status_code == 200

    def queries(*, known: bool) -> int:
        if not known:
            app.extensions["porch_memory"].forget()
        asked.clear()
        assert browser.get(path).status_code == 200
        return len(asked)

    # The least of three: the writer may be looking at the database just then.
    assert min(queries(known=False) for _ in range(3)) <= 7
    assert min(queries(known=True) for _ in range(3)) == 2  # what is unread, and whether one is told by push


def test_nothing_that_was_read_before_a_write_is_kept_after_it(engines: Engines, memory: Memory) -> None:
    ann, bob = an_actor(engines), an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    join_chat(engines, bob, chat.hash_key)
    look = memory.look()
    remove_member(engines, ann, chat.id, bob.user_id)
    lookup.keep_member(look, chat.id, bob.user_id, Standing("member"))
    assert not is_member(bob, chat.id)
    look = memory.look()
    lookup.keep_member(look, chat.id, ann.user_id, Standing("member"))
    assert memory.look().get(memory.memberships, (chat.id, ann.user_id)) == Standing("member")


@pytest.mark.sqlite("on PostgreSQL another program tells what it writes")
def test_nothing_that_was_read_before_another_programs_write_is_kept_after_it(
    engines: Engines, memory: Memory, data: Path
) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    look = memory.look()
    change(data, "UPDATE membership SET state = 'removed'")
    lookup.keep_member(look, chat.id, ann.user_id, Standing("member"))
    assert not is_member(ann, chat.id)


def test_another_programs_write_is_known_a_moment_later(tmp_path: Path) -> None:
    now = 100.0
    place = tmp_path / "some.db"
    with closing(sqlite3.connect(place)) as other:
        other.execute("CREATE TABLE note (text TEXT)")
        versions = DataVersion(place, clock=lambda: now)
        before = versions.lately()
        with other:
            other.execute("INSERT INTO note VALUES ('Hello')")
        assert versions.lately() == before
        now += LATELY
        after = versions.lately()
        assert before != after == versions.version()
        with other:
            other.execute("INSERT INTO note VALUES ('Bye')")
        assert after != versions.version() == versions.lately()
        versions.close()


@pytest.mark.sqlite("on PostgreSQL another program tells what it writes")
def test_a_cursor_of_which_memory_does_not_know_yet_is_not_refused(
    engines: Engines, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("porch.engines.writing.writer.WATCH", 600.0)
    monkeypatch.setattr(DataVersion, "lately", lambda versions: versions._known)  # the moment does not end
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    assert newest_messages(ann, chat.id)[1].head == 0
    write_messages(data, chat.id, ann.user_id, "Ann", 3)
    assert newest_messages(ann, chat.id)[1].head == 0
    assert messages_after(ann, chat.id, after=3).messages == []


@pytest.mark.sqlite("on PostgreSQL another program tells what it writes")
def test_where_processes_tell_each_other_of_their_writes_nobody_looks_at_what_was_before(
    make_app: Callable[..., Flask], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("porch.engines.writing.writer.WATCH", 600.0)
    monkeypatch.setattr("porch.app.LATELY", 600.0)
    app = make_app(redis_url="redis://127.0.0.1:1/0")  # which is away
    with app.app_context():
        engines = app.extensions["porch_engines"]
        ann = an_actor(engines)
        chat = open_chat(engines, ann, name="A room", address="test")
        assert newest_messages(ann, chat.id)[1].head == 0
        write_messages(data, chat.id, ann.user_id, "Ann", 3)
        assert newest_messages(ann, chat.id)[1].head == 3


def test_memory_without_its_writer_is_not_used(engines: Engines, memory: Memory, data: Path) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    assert is_member(ann, chat.id)
    engines.writer.stop()
    change(data, "UPDATE membership SET state = 'removed'")
    assert not is_member(ann, chat.id)


@pytest.mark.sqlite("on PostgreSQL another program tells what it writes")
@pytest.mark.parametrize(
    ("role", "passes", "is_over"),
    [
        ("member", {"days": 29}, False),
        ("member", {"days": 31}, True),
        ("admin", {"hours": 11}, False),
        ("admin", {"hours": 13}, True),
    ],
)
def test_a_session_that_memory_holds_ends_by_its_age(
    engines: Engines,
    memory: Memory,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    unread: Callable[[], None],
    role: str,
    passes: dict[str, float],
    is_over: bool,
) -> None:
    ann = an_actor(engines)
    change(data, "UPDATE user SET role = ? WHERE id = ?", role, ann.user_id)

    def is_known() -> bool:
        an_actor(engines)  # so that the writer sees the change
        actor_for_session(engines.settings, ann.session_id)
        return memory.look().peek(memory.sessions, ann.session_id) is not None

    eventually(is_known)
    unread()
    later = utc_now() + timedelta(**passes)
    monkeypatch.setattr(actors, "utc_now", lambda: later)
    if is_over:
        with pytest.raises(Unauthenticated):
            actor_for_session(engines.settings, ann.session_id)
    else:
        actor_for_session(engines.settings, ann.session_id)


def test_a_session_in_use_ends_by_its_absolute_age(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = an_actor(engines)
    found = lookup.session_of_id(ann.session_id)
    assert found is not None
    now = utc_now() + timedelta(days=engines.settings.session_max_days)
    monkeypatch.setattr(actors, "utc_now", lambda: now)
    monkeypatch.setattr(lookup, "session_of_id", lambda _: found._replace(last_used_at=now))
    with pytest.raises(Unauthenticated):
        actor_for_session(engines.settings, ann.session_id)


def test_a_room_that_is_gone_says_so_to_members_alone(engines: Engines) -> None:
    ann, bob = an_actor(engines), an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    newest_messages(ann, chat.id)
    delete_chat(engines, ann, chat.id)
    with pytest.raises(RoomDeleted):
        chat_by_link(chat.hash_key, ann)
    with pytest.raises(NotFound):
        chat_by_link(chat.hash_key, bob)


# What is said is put into a live room when somebody looks.


@pytest.mark.sqlite("on PostgreSQL memory does not hold what is said")
def test_a_room_that_nobody_looks_at_is_not_made_anew_for_each_message(
    engines: Engines, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    newest_messages(ann, chat.id)
    made = []
    with_messages = LiveRoom.with_messages

    def counted(room: LiveRoom, news: Any, *, hold: bool) -> LiveRoom | None:
        made.append(1)
        return with_messages(room, news, hold=hold)

    monkeypatch.setattr(LiveRoom, "with_messages", counted)
    for _ in range(MOST_NEWS - 1):
        say(engines, ann, chat.id)
    assert made == []
    assert chat_for(ann, chat.id).rev == MOST_NEWS - 1
    assert len(made) == 1
    for _ in range(MOST_NEWS):
        say(engines, ann, chat.id)
    say(engines, ann, chat.id, "x" * (LONG + 1))
    assert len(made) == 3, "what waits is bounded"


@pytest.mark.sqlite("on PostgreSQL memory does not hold what is said")
def test_of_a_room_that_nobody_looks_at_its_head_alone_is_held_until_somebody_does(
    engines: Engines, memory: Memory, unread: Callable[[], None]
) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    newest_messages(ann, chat.id)
    said = [say(engines, ann, chat.id) for _ in range(3 * MOST_NEWS)]
    room = memory.rooms.peek(chat.id)
    assert room is not None
    assert (room.head, room.held) == (len(said), ())
    behind = len(said) - 10
    assert messages_after(ann, chat.id, after=behind).messages == said[behind:]

    unread()  # what was read for one is held for others who were away as long
    assert messages_after(ann, chat.id, after=behind).messages == said[behind:]
    assert messages_after(ann, chat.id, after=len(said)).messages == []
    said += [say(engines, ann, chat.id) for _ in range(MOST_NEWS)]
    assert messages_after(ann, chat.id, after=behind).messages == said[behind:]


@pytest.mark.sqlite("on PostgreSQL memory does not hold what is said")
def test_a_room_that_is_looked_at_now_and_then_is_held(engines: Engines, unread: Callable[[], None]) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    newest_messages(ann, chat.id)
    said = []
    for _ in range(10):
        said += [say(engines, ann, chat.id) for _ in range(20)]
        chat_for(ann, chat.id)
    unread()
    assert messages_after(ann, chat.id, after=180).messages == said[180:]


@pytest.mark.sqlite("on PostgreSQL memory does not hold what is said")
def test_who_marks_a_room_read_has_not_looked_at_it(engines: Engines, memory: Memory) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    newest_messages(ann, chat.id)
    for _ in range(3 * MOST_NEWS):
        mark_read(engines, ann, chat.id, say(engines, ann, chat.id)["seq"])
    room = memory.rooms.peek(chat.id)
    assert room is not None
    assert room.held == ()
    with pytest.raises(Invalid):
        mark_read(engines, ann, chat.id, 3 * MOST_NEWS + 1)


# How much is held.


def test_a_table_lets_go_of_what_was_not_used_for_longest() -> None:
    table: Table[int, str] = Table(2)
    table.put(1, "one")
    table.put(2, "two")
    assert table.get(1) == "one"
    table.put(3, "three")
    assert [table.get(key) for key in (1, 2, 3)] == ["one", None, "three"]


def test_a_live_room_holds_so_many_messages_and_so_many_bytes() -> None:
    room: LiveRoom | None = LiveRoom.of({"rev": 0}, floor=0)
    assert room is not None
    for size, most in ((1, MOST_HELD), (LARGEST_HELD // 10, 10)):
        for _ in range(3 * MOST_HELD):
            room = room.with_messages([(a_message(room.head + 1, "x" * size), utc_now())])
            assert room is not None
            assert len(room.held) <= most or size == LARGEST_HELD // 10
        assert sum(len(one.encoded) for one in room.held) <= LARGEST_HELD
        assert len(room.held) >= most - 1
        assert room.after(room.floor - 1, 1) is None


def test_a_message_larger_than_all_that_is_held_is_left_to_the_database() -> None:
    room = LiveRoom.of({"rev": 0}, floor=0).with_messages([(a_message(1, "x" * LARGEST_HELD), utc_now())])
    assert room is not None
    assert room.held == ()
    assert room.newest(50) is None
    assert room.after(0, 50) is None
    assert room.after(1, 50) == ([], 1, False)


def test_a_live_room_is_given_up_when_a_change_is_missing() -> None:
    room = LiveRoom.of({"rev": 5}, floor=5)
    assert room.with_messages([(a_message(7, "Hello"), utc_now())]) is None


def a_message(seq: int, content: str) -> dict[str, Any]:
    return {"seq": seq, "rev": seq, "content": content, "deleted": False}


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_ends_after_half_a_mebibyte_of_content(engines: Engines, newest_first: bool) -> None:
    ann = an_actor(engines)
    chat = open_chat(engines, ann, name="A room", address="test")
    for _ in range(60):
        say(engines, ann, chat.id, "€" * 10_000)
    if newest_first:
        page = newest_messages(ann, chat.id, limit=200)[1]
        rest = messages_before(ann, chat.id, before=page.messages[0]["seq"], limit=200)
    else:
        page = messages_after(ann, chat.id, after=0, limit=200)
        rest = messages_after(ann, chat.id, after=page.rev, limit=200)
    assert page.more
    assert len(page.messages) == 512 * 1024 // 30_000
    assert len(rest.messages) == len(page.messages)
