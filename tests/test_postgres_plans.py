"""With many messages PostgreSQL reads by indexes: it counts how often it reads a table from end to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import UNLIMITED
from tests.support import postgres
from tests.support.people import Guest
from tests.support.server import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

ROOMS = 500
# Tables that grow with what is said.
LARGE = ("message", "search_text")
OPENED = """
    INSERT INTO chat (id, name, search_name, hash_key, created_at, active_at, kind, encryption, rev,
                      changed_rev, reset_rev)
    SELECT 1000 + n, 'Room ' || n, 'room ' || n, lpad(n::text, 22, '0'), now(), now(), 'listed', 'none',
           {each}, 0, 0
    FROM generate_series(1, {rooms}) AS n
"""
# Somebody is in all of them, and has read half of each.
JOINED = """
    INSERT INTO membership (chat_id, user_id, joined_at, read_seq)
    SELECT id, {reader}, now(), rev / 2 FROM chat WHERE id > 1000
"""
SAID = """
    INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content, client_id, deleted)
    SELECT 1001 + n % {rooms}, 1 + n / {rooms}, 1 + n / {rooms}, now(), {writer}, 'Somebody', true,
           'Word' || n % 997 || ' is said', lpad(n::text, 36, '0'), false
    FROM generate_series(0, {rooms} * {each} - 1) AS n
"""
# As `engines.search.terms_in` has them.
FOUND = """
    INSERT INTO search_text (id, terms)
    SELECT id, format('''%1$sr%2$s'':1 ''%1$su%3$s'':2 ''%1$st%4$s'':3 ''%1$stis'':4 ''%1$stsaid'':5',
                      to_hex(id >> 16), chat_id, user_id, lower(split_part(content, ' ', 1)))::tsvector
    FROM message WHERE chat_id > 1000
"""
SPANS = """
    INSERT INTO search_span (span, oldest, newest)
    SELECT id >> 10, min(timestamp), max(timestamp) FROM message GROUP BY 1
    ON CONFLICT DO NOTHING
"""
COUNTS = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY(%s)"


def fill(data: Path, each: int, reader: Guest, writer: Guest) -> None:
    """Rooms with so many messages each, all by one of the two."""
    values = {"rooms": ROOMS, "each": each, "reader": reader.user_id, "writer": writer.user_id}
    with postgres.connect(data, autocommit=True) as connection:
        for statement in (OPENED, JOINED, SAID, FOUND, SPANS):
            connection.execute(statement.format(**values))
        connection.execute("UPDATE search_progress SET message_id = (SELECT max(id) FROM message)")
        connection.execute("ANALYZE")


def whole_reads(data: Path) -> dict[str, int]:
    """How often each of the large tables was read from one end to the other, once nobody is connected."""
    with postgres.connect(data) as connection:
        return dict(connection.execute(COUNTS, (list(LARGE),)).fetchall())


def use(ann: Guest, bob: Guest, each: int) -> None:
    """Do what people do, more often than until a statement is prepared."""
    for number in range(1001, 1013):
        chat = {"id": number, "hash_key": f"{number - 1000:022}"}
        here = f"/chats/{number}"
        newest = ann.get(f"{here}/")["messages"]
        assert len(newest) == min(50, each)
        assert len(ann.after(chat, each // 2, limit=20)["messages"]) == 20
        assert ann.after(chat, each)["messages"] == []
        assert ann.before(chat, each, limit=20)["messages"]
        ann.message(chat, each // 3)
        assert ann.lobby(limit=100)[0]["unread"] > 0
        for path in ("/mentions", "/directs", "/sessions/current", f"{here}/pins", f"{here}/members"):
            ann.get(path)
        ann.get(f"{here}/dates", at="2020-01-01")
        ann.raw("GET", f"/chatrooms/{chat['hash_key']}/")
        for sought in ("word7", "said", "word7 said", '"is said"', "nothing", "sai", f"word{number}"):
            ann.get("/search", q=sought)
            ann.get("/search", q=sought, chat_id=number)
        ann.enter(chat)
        ann.read(chat, each - 5)
        bob.join(chat)
        said = bob.send(chat, f"Hello, @{ann.username}")
        bob.request("PATCH", f"{here}/messages/{said['seq']}", json={"content": "Hello"})
        ann.put(f"{here}/messages/{said['seq']}/reactions/%F0%9F%91%8D")
        ann.send(chat, "An answer", reply_to=said["seq"])
        bob.delete(f"{here}/messages/{said['seq']}")


def is_found(guest: Guest, word: str) -> bool:
    return bool(guest.get("/search", q=word)["hits"])


@pytest.mark.parametrize("each", [60, pytest.param(2_000, marks=pytest.mark.long)])
def test_what_people_do_reads_no_table_of_messages_from_end_to_end(
    each: int, start_server: Callable[..., Server]
) -> None:
    server = start_server(**UNLIMITED)
    ann, bob = Guest.sign_in(server.url), Guest.sign_in(server.url)
    ann.send(ann.open_chat(), "The first")
    eventually(lambda: is_found(ann, "first"))  # now there is an index
    server.stop()
    fill(server.data, each, ann, bob)
    before = whole_reads(server.data)
    server = start_server(**UNLIMITED)
    ann.url = bob.url = server.url
    use(ann, bob, each)
    eventually(lambda: is_found(ann, "answer"))
    server.stop()
    assert whole_reads(server.data) == before
