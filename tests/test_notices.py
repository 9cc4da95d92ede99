"""Whom a new message is to be told: what each has chosen decides."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event

from porch.actions.notifications.notices import wanted_by
from porch.extensions import db, reading
from tests.support.people import Guest, Json, Socket
from tests.support.server import Server
from tests.support.waiting import eventually

LEVELS = ("everything", "mentions", "nothing")


@pytest.fixture
def crowd(server: Server, ann: Guest) -> list[Guest]:
    """Three people, who will choose a level each, and one who never does."""
    return [Guest.sign_in(server.url) for _ in range(4)]


def notices_until(socket: Socket, chat: Json) -> list[Json]:
    """What a socket was told until it was told of this chat."""
    eventually(lambda: chat["id"] in [notice["chat_id"] for notice in socket.events("notice")])
    return socket.events("notice")


@pytest.mark.parametrize("kind", ["listed", "link"])
@pytest.mark.parametrize("text", ["Hello", "@everyone", "names"])
def test_each_is_told_what_they_have_chosen(server: Server, crowd: list[Guest], kind: str, text: str) -> None:
    owner = Guest(server.url).sign_up()
    room = owner.open_chat("A crowd", kind)
    for one, level in zip(crowd, LEVELS, strict=False):
        one.join(room)
        one.patch(f"/chats/{room['id']}/membership", {"level": level})
    crowd[3].join(room)
    by_default = "mentions" if kind == "listed" else "everything"
    wants = [
        level == "everything" or (level == "mentions" and text != "Hello") for level in (*LEVELS, by_default)
    ]
    sockets = [one.socket() for one in crowd]
    try:
        content = " ".join(f"@{one.username}" for one in crowd) if text == "names" else text
        said = owner.send(room, content)
        lasts = [owner.open_direct(one) for one in crowd]  # of which each is told in any case, and later
        for last in lasts:
            owner.send(last, "In private")
        for wanted, socket, last in zip(wants, sockets, lasts, strict=True):
            heard = notices_until(socket, last)
            assert [
                (notice["seq"], notice["called"]) for notice in heard if notice["chat_id"] == room["id"]
            ] == ([(said["seq"], text != "Hello")] if wanted else [])
    finally:
        for socket in sockets:
            socket.__exit__()


def test_who_is_there_who_wrote_it_and_who_blocks_the_author_are_not_told(
    ann: Guest, bob: Guest, chat: Json, server: Server
) -> None:
    third, fourth = Guest.sign_in(server.url), Guest.sign_in(server.url)
    for one in (third, fourth):
        one.join(chat)
    third.block(bob)
    with ann.socket() as hers, bob.socket() as his, third.socket() as blocking, fourth.socket() as away:
        hers.enter(chat)
        bob.send(chat, "Hello")
        eventually(lambda: len(away.events("notice")) == 1)
        assert (hers.events("notice"), his.events("notice"), blocking.events("notice")) == ([], [], [])
        assert away.events("notice")[0]["content"] == "Hello"


def test_of_many_messages_one_notice_tells(ann: Guest, bob: Guest, chat: Json) -> None:
    with ann.socket() as hers:
        with bob.socket() as his:
            for text in ("One", f"Two @{ann.username}", "Three"):
                his.send(chat, text)
        eventually(lambda: sum(notice["count"] for notice in hers.events("notice")) == 3)
        assert [notice["called"] for notice in hers.events("notice")].count(True) == 1


def test_whoever_ignores_a_direct_chat_is_not_told(ann: Guest, bob: Guest, chat: Json) -> None:
    direct = ann.open_direct(bob)
    bob.answer(direct, "ignored")
    with bob.socket() as his:
        ann.send(direct, "Are you there?")
        ann.send(chat, "Somewhere else")
        eventually(lambda: his.events("notice"))
        assert {notice["chat_id"] for notice in his.events("notice")} == {chat["id"]}


@pytest.mark.sqlite("a plan of SQLite")
def test_of_a_loud_room_only_those_are_read_who_may_want_it(app: Flask) -> None:
    message = {"chat_id": 1, "user_id": 1, "mentions": [{"user_id": 7, "username": "Ann"}]}
    plans: list[str] = []
    with app.app_context(), reading() as session:
        connection = session.connection()

        def explain(_conn: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
            if not statement.startswith("EXPLAIN"):
                rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
                plans.extend(row[3] for row in rows)

        event.listen(db.engine, "before_cursor_execute", explain)
        wanted_by(connection, message, "listed")
        event.remove(db.engine, "before_cursor_execute", explain)
    members = [line for line in plans if "membership" in line]
    assert len(members) == 2
    assert "ix_membership_level (chat_id=? AND level=?)" in members[0]
    assert "(chat_id=? AND user_id=?)" in members[1]
