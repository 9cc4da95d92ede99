"""Searching what was said: what is found, by whom, and what is found no more."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from porch.actions.messages.edits import delete_all_messages, delete_message, edit_message
from porch.actions.messages.sending import Said, send_message
from porch.actions.reading import search
from porch.actions.upkeep import indexing
from porch.actions.upkeep.indexing import index_messages
from porch.config import Settings
from porch.engines.search import index as engine
from porch.engines.search.index import ERA_BITS, NO_SEARCH
from porch.errors import RetryLater, Unavailable
from tests.conftest import an_app
from tests.support import postgres
from tests.support.database import change, rows, skip_ids
from tests.support.people import Guest, Json, refused
from tests.support.search_desk import Desk, contents
from tests.support.server import Server
from tests.support.waiting import eventually


def found(guest: Guest, q: str, **parameters: object) -> list[str]:
    return contents(guest.get("/search", q=q, **parameters))


def a_word() -> str:
    """One that nobody else in this run has said."""
    return f"word{uuid.uuid4().hex[:12]}"


@pytest.fixture
def said(ann: Guest, chat: Json) -> str:
    """A word that Ann has said in the room, once it is found."""
    word = a_word()
    ann.send(chat, f"The {word} is here")
    eventually(lambda: found(ann, word))
    return word


def pages_of(desk: Desk, q: str, **parameters: Any) -> list[list[str]]:
    """All pages of a search, at most ten."""
    pages: list[list[str]] = []
    cursor = None
    while len(pages) < 10:
        page = search.search(desk.engines, desk.actor, q, cursor=cursor, **parameters)
        pages.append(contents(page))
        cursor = page["cursor"]
        if cursor is None:
            return pages
    raise AssertionError("it goes on and on")


@pytest.fixture
def desk(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(search, "MOST_WORK", 1e9)  # however slow the machine is
    app = make_app(message_rate=None, search_rate=None)
    with app.app_context():
        yield Desk(app.extensions["porch_engines"])


# What is found.


def test_what_was_said_is_found_in_a_second_newest_first(ann: Guest, bob: Guest, chat: Json) -> None:
    word = a_word()
    ann.send(chat, f"First {word}")
    last = bob.send(chat, f"Last {word.upper()}!")
    eventually(lambda: len(found(ann, word)) == 2)
    newest, oldest = ann.get("/search", q=word)["hits"]
    assert newest["message"] == last
    assert newest["chat"] == {"id": chat["id"], "name": chat["name"], "url": chat["url"]}
    excerpt = newest["excerpt"]
    assert [excerpt["text"][start:end] for start, end in excerpt["marks"]] == [word.upper()]
    assert oldest["message"]["username"] == ann.username


@pytest.mark.parametrize(
    ("content", "q", "text"),
    [
        ("It is **green**, see [the *plan*](https://a.example)", "green plan", "It is green, see the plan"),
        ("see [the *plan*](https://a.example)", "example", "see [the *plan*](https://a.example)"),
        ("snake_case is green", "green", "snake_case is green"),
    ],
)
def test_an_excerpt_is_what_is_read_or_what_was_typed_where_only_that_was_found(
    desk: Desk, content: str, q: str, text: str
) -> None:
    desk.send(content)
    desk.index()
    (hit,) = search.search(desk.engines, desk.actor, q)["hits"]
    assert hit["excerpt"]["text"] == text
    assert [text[start:end] for start, end in hit["excerpt"]["marks"]] == q.split()


def test_pages_follow_one_another_without_holes(desk: Desk) -> None:
    said = [desk.send(f"apple {number}")["content"] for number in range(130)]
    desk.index()
    pages = pages_of(desk, "apple", limit=50)
    assert [len(page) for page in pages] == [50, 50, 30]
    assert [content for page in pages for content in page] == said[::-1]


def test_a_search_keeps_to_a_room_a_person_and_days(
    ann: Guest, bob: Guest, chat: Json, server: Server
) -> None:
    other, word = ann.open_chat("Other"), a_word()
    ann.send(chat, f"{word} one")
    bob.send(chat, f"{word} two")
    old = ann.send(other, f"{word} three")
    eventually(lambda: len(found(ann, word)) == 3)
    assert found(ann, word, chat_id=other["id"]) == [f"{word} three"]
    assert found(ann, word, **{"from": bob.username.upper()}) == [f"{word} two"]
    assert found(ann, word, **{"from": bob.user_id}) == [f"{word} two"]
    assert found(ann, word, **{"from": "Nobody at all"}) == []
    day = old["timestamp"][:10]
    assert len(found(ann, word, after=day)) == 3
    assert found(ann, word, before=day) == found(ann, word, after="2990-01-01") == []
    assert found(ann, word, after=old["timestamp"]) == [f"{word} three"]


def test_messages_of_an_older_date_that_came_later_are_found_by_it(desk: Desk) -> None:
    desk.send("apple now")
    send_message(
        desk.engines,
        desk.actor,
        desk.chat.id,
        Said("apple of old", str(uuid.uuid4()), at=datetime(2001, 5, 5, 12, tzinfo=UTC)),
    )
    desk.index()
    bounds = {"after": datetime(2001, 5, 5, tzinfo=UTC), "before": datetime(2001, 5, 6, tzinfo=UTC)}
    assert desk.found("apple", **bounds) == ["apple of old"]


def test_a_search_goes_through_all_stretches_of_ids(desk: Desk) -> None:
    desk.send("pear")
    for number in range(4):
        skip_ids(desk.engines.settings.data, 1 << ERA_BITS)
        desk.send(f"apple pie {number}")
    desk.index()
    assert desk.found("apple pie") == [f"apple pie {number}" for number in (3, 2, 1, 0)]
    assert desk.found('"apple pie 1"') == ["apple pie 1"]


def test_a_search_that_is_too_much_for_one_page_goes_on_by_its_cursor(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_WORK", 1e-9)
    desk.send("apple")
    skip_ids(desk.engines.settings.data, 3 << ERA_BITS)
    desk.send("pear")
    desk.index()
    pages = pages_of(desk, "apple")
    assert len(pages) > 1
    assert pages[-1] == ["apple"]
    assert not any(pages[:-1])


@pytest.mark.parametrize("most", [(4, 200), (0, 200), (0, 0)], ids=["by rooms", "words first", "words alone"])
def test_in_few_rooms_and_in_many_the_same_is_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most: tuple[int, int]
) -> None:
    monkeypatch.setattr(search, "FEW_ROOMS", most[0])
    monkeypatch.setattr(search, "MANY_ROOMS", most[1])
    stranger = Desk(desk.engines)
    left = "INSERT INTO membership (chat_id, user_id, joined_at, state) VALUES (?, ?, ?, 'left')"
    change(
        desk.engines.settings.data, left, stranger.chat.id, desk.actor.user_id, "2026-03-11 18:02:00.000000"
    )
    for number in range(100):
        (desk if number % 50 == 0 else stranger).send(f"apple {number}")
    desk.index()
    assert desk.found("apple") == ["apple 50", "apple 0"]


# Who finds it.


def test_only_members_find_what_was_said(
    ann: Guest, bob: Guest, chat: Json, said: str, server: Server
) -> None:
    stranger = Guest.sign_in(server.url)
    assert found(bob, said) == [f"The {said} is here"]
    assert found(stranger, said) == []
    assert refused(stranger.get, "/search", q=said, chat_id=chat["id"]).code == "not_found"
    assert found(stranger, said, **{"from": ann.username}) == []


def test_who_was_removed_or_left_finds_nothing_more(ann: Guest, bob: Guest, chat: Json, said: str) -> None:
    ann.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    assert found(bob, said) == []
    other = ann.open_chat()
    bob.join(other)
    word = a_word()
    ann.send(other, word)
    eventually(lambda: found(bob, word))
    bob.delete(f"/chats/{other['id']}/members/{bob.user_id}")
    assert found(bob, word) == []
    assert found(ann, word) == [word]


def test_a_listed_room_is_not_searched_before_one_has_joined(server: Server, bob: Guest) -> None:
    host = Guest(server.url).sign_up()
    room, word = host.open_chat(kind="listed"), a_word()
    host.send(room, word)
    eventually(lambda: found(host, word))
    assert found(bob, word) == []
    bob.join(room)
    assert found(bob, word) == [word]


def test_a_deleted_room_is_found_no_more_and_its_words_leave_the_index(
    ann: Guest, bob: Guest, chat: Json, said: str, server: Server
) -> None:
    ann.delete(f"/chats/{chat['id']}/")
    assert found(ann, said) == found(bob, said) == []
    assert refused(ann.get, "/search", q=said, chat_id=chat["id"]).code == "room_deleted"
    eventually(lambda: said.encode() not in in_the_index(server.data))


def test_direct_chats_are_found_by_the_two_under_each_others_names(
    ann: Guest, bob: Guest, server: Server
) -> None:
    direct, word = ann.open_direct(bob), a_word()
    ann.send(direct, word)
    eventually(lambda: found(bob, word))
    (hit,) = bob.get("/search", q=word)["hits"]
    assert hit["chat"] == {"id": direct["id"], "name": ann.username, "url": direct["url"]}
    assert found(Guest.sign_in(server.url), word) == []


def test_whom_one_has_blocked_is_still_found_in_a_shared_room(ann: Guest, bob: Guest, said: str) -> None:
    bob.block(ann)
    assert found(bob, said) == [f"The {said} is here"]


# What is found no more.


def test_edited_and_deleted_texts_are_found_no_more_at_once(ann: Guest, chat: Json, said: str) -> None:
    other = a_word()
    ann.patch(f"/chats/{chat['id']}/messages/1", {"content": f"Now {other}"})
    assert found(ann, said) == []
    assert found(ann, other) == [f"Now {other}"]
    ann.delete(f"/chats/{chat['id']}/messages/1")
    assert found(ann, other) == []


def in_the_index(data: Path) -> bytes:
    if postgres.is_chosen():
        return b"".join(terms.encode() for (terms,) in rows(data, "SELECT terms::text FROM search_text"))
    return b"".join(block for (block,) in rows(data, "SELECT block FROM search_text_data"))


@pytest.mark.sqlite("the files of SQLite")
def test_what_was_deleted_is_nowhere_in_the_files_in_the_end(desk: Desk) -> None:
    for number in range(3):
        desk.send(f"the whodunit number {number}")
        desk.index()
    edit_message(desk.engines, desk.actor, desk.chat.id, 1, content="something else")
    for seq in (1, 2, 3):
        delete_message(desk.engines, desk.actor, desk.chat.id, seq)
    for _ in range(5):  # a rewrite for each look
        desk.index()
    desk.engines.writer.stop()
    files = desk.engines.settings.data.glob("chat.db*")
    assert not [file.name for file in files if b"whodunit" in file.read_bytes()]


@pytest.mark.parametrize("one_room", [True, False])
def test_after_all_messages_were_deleted_only_new_ones_are_found(desk: Desk, one_room: bool) -> None:
    desk.send("apple one")
    desk.index()
    delete_all_messages(desk.engines, desk.chat.id if one_room else None)
    assert desk.found("apple") == []
    desk.send("apple two")
    desk.index()
    assert desk.found("apple") == ["apple two"]
    assert b"one" not in in_the_index(desk.engines.settings.data) or one_room


# Hostile texts.


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.one_of(st.characters(), st.sampled_from('"*-^:(){}+ NEAR AND OR NOT\x00')), max_size=200))
def test_whatever_is_looked_for_is_no_error(looked_at: Desk, text: str) -> None:
    if text and len(text.split()) <= search.MOST_WORDS:
        assert isinstance(looked_at.found(text), list)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("search")
    chosen = Settings(data=folder / "data", site=folder / "site", search_rate=None)
    with an_app(chosen) as app, app.app_context():
        desk = Desk(app.extensions["porch_engines"])
        desk.send('A "NEAR" miss AND (more) 東京 🎉')
        desk.index()
        yield desk


OTHERS_WORDS = ["terms:near", '"near" NOT "miss"', "near OR absent", "NEAR(a b)", "r1", "0r1", "0u1", "near*"]


@pytest.mark.parametrize("q", OTHERS_WORDS)
def test_the_language_of_the_index_is_words_like_others(looked_at: Desk, q: str) -> None:
    assert (looked_at.found(q) != []) is (q == "near*")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"q": ""}, "q"),
        ({}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "x " * 17}, "q"),
        ({"q": "x", "limit": 0}, "limit"),
        ({"q": "x", "limit": 51}, "limit"),
        ({"q": "x", "cursor": 0}, "cursor"),
        ({"q": "x", "after": "yesterday"}, "after"),
        ({"q": "x", "before": "2026-02-30"}, "before"),
        ({"q": "x", "before": "0001-01-01"}, "before"),
        ({"q": "x", "from": ""}, "from"),
        ({"q": "x", "sort": "rank"}, "sort"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_its_name(ann: Guest, parameters: Json, field: str) -> None:
    refusal = refused(ann.get, "/search", **parameters)
    assert (refusal.status, list(refusal.error["fields"])) == (400, [field])


def test_a_chat_that_cannot_be_is_not_found(ann: Guest) -> None:
    assert refused(ann.get, "/search", q="x", chat_id=10**17).code == "not_found"


# The index.


def test_an_older_database_is_indexed_in_pieces(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        desk.send(f"apple {number}")
    monkeypatch.setattr(indexing, "PIECE", 4)
    assert index_messages(desk.engines, most=2) is True
    assert len(desk.found("apple")) == 8
    assert index_messages(desk.engines, most=2) is False
    assert len(desk.found("apple")) == 9


@pytest.mark.sqlite("an error of SQLite")
def test_a_piece_that_fails_is_done_once_by_the_next_look(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.send("apple")
    with monkeypatch.context() as broken:
        broken.setattr(indexing, "_widen_spans", _fail)
        with pytest.raises(RetryLater):
            index_messages(desk.engines)
    assert desk.found("apple") == []
    desk.index()
    assert desk.found("apple") == ["apple"]


@pytest.mark.sqlite("PostgreSQL cleans up by itself")
def test_an_index_that_was_cleaned_often_is_made_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cleaning that begins before the last one has ended puts levels on it; FTS5 takes 2,000 for broken."""
    index = desk.engines.search
    monkeypatch.setattr(index, "_erases", False)
    monkeypatch.setattr(engine, "CLEANED", 1)
    monkeypatch.setattr(engine, "MOST_LEVELS", 8)
    levels: list[int] = []
    made: list[Connection] = []
    clean, make = index.clean, index.make

    def count(connection: Connection, **options: bool) -> bool:
        structure: bytes = connection.exec_driver_sql(engine.STRUCTURE).scalar_one()
        levels.append(structure[4])
        return clean(connection, **options)

    def remake(connection: Connection) -> None:
        made.append(connection)
        make(connection)

    monkeypatch.setattr(index, "clean", count)
    monkeypatch.setattr(index, "make", remake)
    for number in range(40):
        desk.send(f"apple {number} " + " ".join(a_word() for _ in range(60)))
    desk.send("pear")
    for number in range(12):
        desk.index()
        edit_message(desk.engines, desk.actor, desk.chat.id, 41, content=f"pear {number}")
    desk.index()
    assert max(levels) in (6, 7)
    assert len(made) > 1
    assert len(desk.found("apple", limit=50)) == 40
    assert desk.found("pear") == ["pear 11"]


TOO_MANY_LEVELS = "00000000" + "8f520000"  # four bytes, 2,002 levels, no segments in them


@pytest.mark.sqlite("of FTS5")
@pytest.mark.parametrize("notices", ["send", "edit", "search"])
def test_a_broken_index_is_made_anew(notices: str, start_server: Callable[..., Server]) -> None:
    server = start_server(message_rate="off", search_rate="off")
    ann = Guest.sign_in(server.url)
    chat = ann.open_chat()
    sent = ann.send(chat, "apple pie")
    eventually(lambda: found(ann, "apple"))
    server.kill()
    change(server.data, "UPDATE search_text_data SET block = ? WHERE id = 10", bytes.fromhex(TOO_MANY_LEVELS))
    server = start_server(message_rate="off", search_rate="off")
    ann = Guest(server.url, ann.token)
    if notices == "send":
        ann.send(chat, "apple tart")
    elif notices == "edit":
        ann.patch(f"/chats/{chat['id']}/messages/{sent['seq']}", {"content": "apple tart"})
    else:
        assert refused(ann.get, "/search", q="apple").status == 503
    wanted = {"send": ["apple tart", "apple pie"], "edit": ["apple tart"], "search": ["apple pie"]}[notices]
    eventually(lambda: ann.raw("GET", "/search", params={"q": "apple"}).status_code == 200)
    eventually(lambda: found(ann, "apple") == wanted)


@pytest.mark.parametrize("notices", ["send", "edit", "search"])
def test_an_index_that_somebody_has_dropped_is_made_anew(
    notices: str, start_server: Callable[..., Server]
) -> None:
    server = start_server(message_rate="off", search_rate="off")
    ann = Guest.sign_in(server.url)
    chat = ann.open_chat()
    sent = ann.send(chat, "apple pie")
    eventually(lambda: found(ann, "apple"))
    change(server.data, "DROP TABLE search_text")
    wanted = ["apple pie"]
    if notices == "send":
        wanted = [ann.send(chat, "apple tart")["content"], *wanted]
    elif notices == "edit":
        edit = {"content": "apple tart"}
        wanted = [ann.patch(f"/chats/{chat['id']}/messages/{sent['seq']}", edit)["content"]]
    else:
        assert refused(ann.get, "/search", q="apple").status == 503
    eventually(lambda: ann.raw("GET", "/search", params={"q": "apple"}).status_code == 200)
    eventually(lambda: found(ann, "apple") == wanted)
    assert "The search index is broken and is made anew." in "".join(server.output)


@pytest.mark.sqlite("of FTS5")
def test_an_edit_is_answered_whatever_is_wrong_with_the_index(start_server: Callable[..., Server]) -> None:
    server = start_server(message_rate="off", search_rate="off")
    ann = Guest.sign_in(server.url)
    chat = ann.open_chat()
    sent = ann.send(chat, "apple pie")
    eventually(lambda: found(ann, "apple"))
    change(server.data, "UPDATE search_text_data SET block = x'' WHERE id = 10")  # not even taken for broken
    ann.send(chat, "apple cake")
    edited = ann.patch(f"/chats/{chat['id']}/messages/{sent['seq']}", {"content": "apple tart"})
    assert edited["content"] == "apple tart"


def _fail(*_: object) -> None:
    raise sqlite3.OperationalError("disk I/O error")


def test_after_a_kill_everything_is_found_once(start_server: Callable[..., Server]) -> None:
    server = start_server(message_rate="off", search_rate="off")
    ann = Guest.sign_in(server.url)
    chat = ann.open_chat()
    said = [ann.send(chat, f"apple {number}")["content"] for number in range(60)]
    server.kill()  # at any moment of the look that goes on
    server = start_server(search_rate="off")
    ann = Guest(server.url, ann.token)
    eventually(lambda: found(ann, '"apple 59"'))
    page = ann.get("/search", q="apple", limit=50)
    rest = ann.get("/search", q="apple", limit=50, cursor=page["cursor"])
    assert contents(page) + contents(rest) == said[::-1]
    assert rows(server.data, "SELECT count(*) FROM search_change") == [(0,)]


@pytest.mark.sqlite("PostgreSQL always can")
def test_where_sqlite_cannot_search_everything_else_works(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_has_fts5", lambda: False)
    app = make_app()
    with app.app_context():
        desk = Desk(app.extensions["porch_engines"])
        desk.send("apple")
        assert index_messages(desk.engines) is False
        edit_message(desk.engines, desk.actor, desk.chat.id, 1, content="pear")
        with pytest.raises(Unavailable, match="FTS5") as refusal:
            desk.found("pear")
        assert (refusal.value.status, refusal.value.message) == (503, NO_SEARCH)


# Days.


def test_a_day_of_a_room_is_where_its_first_message_stands(ann: Guest, chat: Json, server: Server) -> None:
    days = ("2026-03-01 23:30:00", "2026-03-02 10:00:00", "2026-03-02 11:00:00", "2026-03-05 09:00:00")
    for number, moment in enumerate(days, 1):
        seq = ann.send(chat, f"Line {number}")["seq"]
        change(
            server.data,
            "UPDATE message SET timestamp = ? WHERE chat_id = ? AND seq = ?",
            f"{moment}.000000",
            chat["id"],
            seq,
        )

    def place(**parameters: object) -> int:
        seq: int = ann.get(f"/chats/{chat['id']}/dates", **parameters)["seq"]
        return seq

    assert [place(at=f"2026-03-0{day}") for day in (1, 2, 3, 5)] == [1, 2, 4, 4]
    assert place(at="2020-01-01") == 1
    assert place(at="2026-03-02", tz=60) == 1  # there the day has begun an hour before
    assert place(at="2026-03-02T10:30:00Z") == 3
    ann.delete(f"/chats/{chat['id']}/messages/2")
    assert place(at="2026-03-02") == 3
    late = refused(ann.get, f"/chats/{chat['id']}/dates", at="2026-03-06")
    assert (late.status, late.error["message"]) == (404, "Nothing was said here on that day or since.")


NO_DAYS: list[Json] = [{}, {"at": "soon"}, {"at": "2026-03-01", "tz": 900}, {"at": "2026-03-01", "tz": "x"}]


@pytest.mark.parametrize("parameters", NO_DAYS)
def test_a_day_that_is_none_is_refused(ann: Guest, chat: Json, parameters: Json) -> None:
    assert refused(ann.get, f"/chats/{chat['id']}/dates", **parameters).status == 400
