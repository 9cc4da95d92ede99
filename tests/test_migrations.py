"""The migrations make exactly the tables that the models describe, and the tables refuse what is wrong."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Connection, create_engine, inspect

from porch.cli import upgrade
from porch.extensions import db
from porch.models.chat import KINDS
from tests.support.programs import run, said

pytestmark = pytest.mark.sqlite("SQLite's tables, as earlier versions made them")

TABLES = {
    "user",
    "name_key",
    "session",
    "chat",
    "membership",
    "mention",
    "push_subscription",
    "invitation",
    "message",
    "direct",
    "block",
    "report",
    "audit",
    "reaction",
    "search_progress",
    "search_change",
    "search_span",
    "upload",
    "identity",
    "device",
    "device_entry",
    "device_request",
    "epoch",
    "epoch_share",
}
NOW = "2026-03-11 18:02:00.000000"
NEW = ("active_at", "search_name")  # columns of a room that the first revision does not know


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    """A look at the migrated database."""
    with app.app_context(), db.engine.connect() as connection:
        yield connection


@pytest.fixture
def database(app: Flask, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The migrated database with one person, one room and one message, for raw statements."""
    with closing(sqlite3.connect(tmp_path / "data" / "chat.db", isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys=ON")
        insert(database, "user", id=1, username="Ann", guest=True, created_at=NOW)
        insert(database, "user", id=2, username="Bob", guest=True, created_at=NOW)
        insert(database, "chat", **CHAT)
        insert(database, "chat", **CHAT | {"id": 2, "hash_key": "other"})
        insert(database, "session", **SESSION)
        insert(database, "membership", chat_id=1, user_id=1, joined_at=NOW)
        insert(database, "name_key", key="ann", user_id=1)
        insert(database, "message", **MESSAGE)
        yield database


CHAT: dict[str, Any] = {
    "id": 1,
    "name": "Supper",
    "hash_key": "key",
    "kind": "link",
    "encryption": "none",
    "rev": 5,
    "changed_rev": 3,
    "reset_rev": 2,
    "creator_id": 1,
    "search_name": "supper",
    "created_at": NOW,
    "active_at": NOW,
}
SESSION: dict[str, Any] = {
    "id": 1,
    "token": "hash",
    "username": "Ann",
    "user_id": 1,
    "created_at": NOW,
    "last_used_at": NOW,
}
MESSAGE: dict[str, Any] = {
    "id": 1,
    "chat_id": 1,
    "seq": 4,
    "rev": 4,
    "timestamp": NOW,
    "user_id": 1,
    "username": "Ann",
    "guest": True,
    "content": "Hello",
    "client_id": "7e2f7d3c-1c1f-4d6e-9b59-0d3c4d6f1a2b",
    "edited_at": None,
    "deleted": False,
}
OTHER_MESSAGE: dict[str, Any] = MESSAGE | {"id": 2, "seq": 5, "rev": 5, "client_id": "another"}


def insert(database: sqlite3.Connection, table: str, **values: Any) -> None:
    marks = ", ".join("?" * len(values))
    database.execute(f'INSERT INTO "{table}" ({", ".join(values)}) VALUES ({marks})', tuple(values.values()))


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found: list[Any] = compare_metadata(context, db.metadata)
    return found


def checks(connection: Connection) -> dict[str, str]:
    """The check constraints of all tables; Alembic does not compare them."""
    return {
        f"{table} {check['name']}": re.sub(r"\s+", " ", check["sqltext"])
        for table in TABLES
        for check in inspect(connection).get_check_constraints(table)
    }


def test_models_and_migrations_agree(connection: Connection) -> None:
    assert differences(connection) == []


def test_the_checks_of_models_and_migrations_agree(connection: Connection) -> None:
    engine = create_engine("sqlite://")
    db.metadata.create_all(engine)
    with engine.connect() as modelled:
        assert checks(connection) == checks(modelled)
    engine.dispose()
    assert len(checks(connection)) >= 3


def test_a_table_too_many_or_too_few_would_be_seen(app: Flask, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / "chat.db", isolation_level=None)) as database:
        database.execute("DROP TABLE message")
        database.execute("CREATE TABLE cellar (id INTEGER PRIMARY KEY)")
    with app.app_context(), db.engine.connect() as connection:
        seen = {operation[0] for operation in differences(connection) if isinstance(operation, tuple)}
    assert {"add_table", "remove_table"} <= seen


def test_the_tables_are_those_of_the_design(connection: Connection) -> None:
    assert set(inspect(connection).get_table_names()) == TABLES | {"alembic_version"}


def test_all_the_way_down_and_up_again(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        db.engine.dispose()
        with db.engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        upgrade()
        db.engine.dispose()
        with db.engine.connect() as connection:
            assert differences(connection) == []


def test_upgrading_again_changes_nothing(app: Flask, database: sqlite3.Connection) -> None:
    before = list(database.iterdump())
    with app.app_context():
        upgrade()
    assert list(database.iterdump()) == before


def test_the_migrated_database_is_in_wal_mode(database: sqlite3.Connection) -> None:
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_requests_cannot_write(connection: Connection) -> None:
    with pytest.raises(Exception, match="attempt to write a readonly database"):
        connection.exec_driver_sql("DELETE FROM message")


@pytest.mark.parametrize(
    ("table", "row", "constraint"),
    [
        pytest.param("message", OTHER_MESSAGE | {"seq": 4}, "UNIQUE", id="a place taken in the room"),
        pytest.param(
            "message",
            OTHER_MESSAGE | {"client_id": MESSAGE["client_id"]},
            "UNIQUE",
            id="a message sent twice",
        ),
        pytest.param("message", OTHER_MESSAGE | {"chat_id": 9}, "FOREIGN KEY", id="no such room"),
        pytest.param("message", OTHER_MESSAGE | {"user_id": 9}, "FOREIGN KEY", id="no such author"),
        pytest.param("message", OTHER_MESSAGE | {"content": None}, "NOT NULL", id="no content"),
        pytest.param("message", OTHER_MESSAGE | {"client_id": None}, "NOT NULL", id="no client_id"),
        pytest.param("message", OTHER_MESSAGE | {"seq": None}, "NOT NULL", id="no place"),
        pytest.param("chat", CHAT | {"id": 3}, "UNIQUE", id="one link for two rooms"),
        pytest.param(
            "chat", CHAT | {"id": 3, "hash_key": "k", "creator_id": 9}, "FOREIGN KEY", id="no creator"
        ),
        pytest.param("session", SESSION | {"id": 2}, "UNIQUE", id="one token for two sessions"),
        pytest.param("session", SESSION | {"id": 2, "token": "t", "user_id": 9}, "FOREIGN KEY", id="nobody"),
        pytest.param(
            "membership", {"chat_id": 1, "user_id": 1, "joined_at": NOW}, "UNIQUE", id="a member twice"
        ),
        pytest.param(
            "membership", {"chat_id": 9, "user_id": 1, "joined_at": NOW}, "FOREIGN KEY", id="of no room"
        ),
        pytest.param("name_key", {"key": "ann", "user_id": 2}, "UNIQUE", id="one name for two people"),
    ],
)
def test_a_wrong_row_is_refused(
    database: sqlite3.Connection, table: str, row: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=f"^{constraint} constraint failed"):
        insert(database, table, **row)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("rev = 2", "revs_in_order"),
        ("rev = -1, changed_rev = -1, reset_rev = -1", "revs_in_order"),
        ("changed_rev = 6", "revs_in_order"),
        ("reset_rev = 4", "revs_in_order"),
        ("changed_rev = 1", "revs_in_order"),
        ("kind = 'secret'", "kind_known"),
        ("kind = 'LINK'", "kind_known"),
        ("kind = ''", "kind_known"),
        ("encryption = 'rot13'", "encryption_known"),
    ],
)
def test_a_wrong_change_of_a_room_is_refused(
    database: sqlite3.Connection, change: str, constraint: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=f"CHECK constraint failed: ck_chat_{constraint}"):
        database.execute(f"UPDATE chat SET {change} WHERE id = 1")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_room_can_be_stored(database: sqlite3.Connection, kind: str) -> None:
    database.execute("UPDATE chat SET kind = ? WHERE id = 1", (kind,))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(OTHER_MESSAGE, id="the next message"),
        pytest.param(OTHER_MESSAGE | {"chat_id": 2, "seq": 4}, id="the same place in another room"),
        pytest.param(
            OTHER_MESSAGE | {"chat_id": 2, "client_id": MESSAGE["client_id"]},
            id="a client_id in another room",
        ),
        pytest.param(
            OTHER_MESSAGE | {"user_id": 2, "client_id": MESSAGE["client_id"]},
            id="a client_id of another person",
        ),
    ],
)
def test_a_right_message_is_stored(database: sqlite3.Connection, row: dict[str, Any]) -> None:
    insert(database, "message", **row)
    assert database.execute("SELECT count(*) FROM message").fetchone() == (2,)


def test_a_room_takes_its_messages_and_members_with_it(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM chat WHERE id = 1")
    assert database.execute("SELECT count(*) FROM message").fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM membership").fetchone() == (0,)


def test_nobody_who_has_written_can_be_removed(database: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.execute("DELETE FROM user WHERE id = 1")


def test_a_creator_who_is_removed_leaves_the_room(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM message")
    database.execute("DELETE FROM user WHERE id = 1")
    assert database.execute("SELECT creator_id FROM chat WHERE id = 1").fetchone() == (None,)
    for table in ("session", "membership", "name_key"):
        assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_next_page_of_a_log_is_found_by_an_index(database: sqlite3.Connection) -> None:
    plan = database.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM message WHERE chat_id = 1 AND rev > 3 ORDER BY rev"
    ).fetchall()
    assert "ix_message_chat_id_rev" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


# A database that older versions have filled.


@pytest.fixture
def old(app: Flask, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database of the first revision, with people, rooms, members, messages and sessions."""
    with app.app_context():
        flask_migrate.downgrade(revision="0001")
        db.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "data" / "chat.db", isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys=ON")
        insert(database, "user", id=1, username="Ann", guest=True, created_at=NOW)
        insert(database, "user", id=2, username=None, guest=True, created_at=NOW)
        insert(database, "user", id=9, username="Gone", guest=True, created_at=NOW)
        database.execute("DELETE FROM user WHERE id = 9")
        for chat in (CHAT, CHAT | {"id": 2, "hash_key": "other", "rev": 3, "creator_id": None}):
            insert(database, "chat", **{name: value for name, value in chat.items() if name not in NEW})
        insert(database, "session", **SESSION)
        for chat_id, user_id in ((1, 1), (1, 2), (2, 1)):
            insert(database, "membership", chat_id=chat_id, user_id=user_id, joined_at=NOW)
        insert(database, "name_key", key="ann", user_id=1)
        insert(database, "message", **MESSAGE)
        insert(database, "message", **OTHER_MESSAGE | {"user_id": 2, "username": "Bob", "timestamp": LATER})
        yield database


LATER = "2026-03-12 09:30:00.000000"
# Every table and what was in it, the columns by name; without the number of the revision.
Contents = dict[str, list[dict[str, Any]]]


def contents(database: sqlite3.Connection) -> Contents:
    found: Contents = {}
    for table in (*sorted(TABLES), "sqlite_sequence"):
        with suppress(sqlite3.OperationalError):  # a table that is not there yet
            cursor = database.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2')
            names = [column[0] for column in cursor.description]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor]
    return found


def migrate(app: Flask) -> None:
    with app.app_context():
        upgrade()
        db.engine.dispose()


def test_an_upgrade_keeps_all_that_was_there(app: Flask, old: sqlite3.Connection) -> None:
    before = contents(old)
    rare = {"invitation", "direct", "block", "mention", "push_subscription", "report", "audit", "reaction"}
    rare |= {"search_progress", "search_change", "search_span", "upload"}
    rare |= {"identity", "device", "device_entry", "device_request", "epoch", "epoch_share"}
    assert all(before[table] for table in TABLES - rare)
    migrate(app)
    after = contents(old)
    for table, known in before.items():
        kept = [{name: row[name] for name in was} for was, row in zip(known, after[table], strict=True)]
        assert kept == known, table
    assert old.execute("PRAGMA foreign_key_check").fetchall() == []


def test_after_an_upgrade_everybody_and_everything_is_what_it_was_in_the_new_words(
    app: Flask, old: sqlite3.Connection
) -> None:
    migrate(app)
    people = old.execute("SELECT DISTINCT password, role, disabled_at FROM user").fetchall()
    assert people == [(None, "member", None)]
    assert old.execute("SELECT DISTINCT state FROM membership").fetchall() == [("member",)]
    assert old.execute("SELECT DISTINCT kept_until FROM name_key").fetchall() == [(None,)]
    rooms = old.execute("SELECT id, kind, active_at, deleted_at FROM chat ORDER BY id").fetchall()
    assert rooms == [(1, "link", LATER, None), (2, "link", NOW, None)]


def test_after_an_upgrade_no_number_is_given_out_again(app: Flask, old: sqlite3.Connection) -> None:
    migrate(app)
    insert(old, "user", username="New", guest=True, created_at=NOW)
    assert old.execute("SELECT max(id) FROM user").fetchone() == (10,)


def test_after_an_upgrade_the_tables_still_hold_together(app: Flask, old: sqlite3.Connection) -> None:
    migrate(app)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        old.execute("DELETE FROM user WHERE id = 1")
    old.execute("DELETE FROM chat WHERE id = 1")
    for table in ("message", "membership"):
        assert old.execute(f"SELECT count(*) FROM {table} WHERE chat_id = 1").fetchone() == (0,)


def test_down_and_up_again_keeps_what_both_revisions_know(app: Flask, old: sqlite3.Connection) -> None:
    before = contents(old)
    migrate(app)
    with app.app_context():
        flask_migrate.downgrade(revision="0001")
        db.engine.dispose()
    assert contents(old) == before


# Ends the process at this step of the migration, as a power cut does.
CUT_OFF = """
import os
from alembic import op
setattr(op, {step!r}, lambda *_, **__: os._exit(7))
from porch.launch import create_app
from porch.cli import upgrade
with create_app().app_context():
    upgrade()
"""


@pytest.fixture
def second(app: Flask, old: sqlite3.Connection) -> sqlite3.Connection:
    """The same database at the second revision, with a name that is searched in another form."""
    with app.app_context():
        flask_migrate.upgrade(revision="0002")
        db.engine.dispose()
    old.execute("UPDATE user SET username = 'Zoë' WHERE id = 1")
    return old


def test_direct_chats_come_to_a_site_that_has_people_and_rooms(
    app: Flask, second: sqlite3.Connection
) -> None:
    before = contents(second)
    migrate(app)
    after = contents(second)
    for table, rows in before.items():
        known = [{name: row[name] for name in rows[0]} for row in after[table]] if rows else after[table]
        assert known == rows, table
    people = second.execute("SELECT search_name, former_name, direct_from FROM user ORDER BY id").fetchall()
    assert people == [("zoe", None, "everyone"), (None, None, "everyone")]
    # Nobody comes back to a room full of unread messages.
    assert second.execute("SELECT chat_id, user_id, read_seq FROM membership ORDER BY 1, 2").fetchall() == [
        (1, 1, 5),
        (1, 2, 5),
        (2, 1, 3),
    ]


def test_going_back_takes_direct_chats_away_and_nothing_else(app: Flask, second: sqlite3.Connection) -> None:
    migrate(app)
    before = contents(second)
    insert(second, "chat", **CHAT | {"id": 3, "hash_key": "two", "kind": "direct", "creator_id": None})
    insert(second, "message", **MESSAGE | {"id": 3, "chat_id": 3})
    for one, other in ((1, 2), (2, 1)):
        insert(second, "direct", user_id=one, peer_id=other, chat_id=3, state="open")
        insert(second, "membership", chat_id=3, user_id=one, joined_at=NOW)
    insert(second, "block", user_id=2, blocked_id=1, created_at=NOW)
    with app.app_context():
        flask_migrate.downgrade(revision="0002")
        db.engine.dispose()
    migrate(app)
    after = contents(second)
    for found in (before, after):
        del found["sqlite_sequence"]  # numbers that were given out stay given out
    assert after == before


ENVELOPE = '{"v": 1}'
UPLOAD: dict[str, Any] = {
    "id": 1,
    "chat_id": 3,
    "user_id": 1,
    "message_id": 3,
    "created_at": NOW,
    "name": "locked",
    "media_type": "application/octet-stream",
    "content": "0" * 64,
    "size": 1056,
}


@pytest.fixture
def encrypted(app: Flask, second: sqlite3.Connection) -> sqlite3.Connection:
    """The newest database with a sealed room (3) and an encrypted direct chat (4), in which one message is
    readable from before; all that can hang on a message hangs on those that are locked.
    """
    migrate(app)
    rooms = ({"id": 3, "hash_key": "sealed", "encryption": "sealed", "join_hash": "0" * 64},)
    direct = {"id": 4, "hash_key": "two", "kind": "direct", "encryption": "e2e", "creator_id": None}
    for room in (*rooms, direct):
        insert(second, "chat", **CHAT | room)
        for user_id in (1, 2):
            insert(second, "membership", chat_id=room["id"], user_id=user_id, joined_at=NOW)
    for one, other in ((1, 2), (2, 1)):
        insert(second, "direct", user_id=one, peer_id=other, chat_id=4, state="open")
    locked = {"content": "", "envelope": ENVELOPE, "files": "[]", "pinned_at": NOW}
    insert(second, "message", **MESSAGE | locked | {"id": 3, "chat_id": 3})
    insert(second, "message", **MESSAGE | {"id": 4, "chat_id": 4})
    insert(second, "message", **OTHER_MESSAGE | locked | {"id": 5, "chat_id": 4})
    for number, message_id in ((1, 3), (2, 5)):
        insert(second, "upload", **UPLOAD | {"id": number, "chat_id": 2 + number, "message_id": message_id})
        insert(second, "reaction", id=number, message_id=message_id, user_id=2, emoji="👍")
    insert(second, "upload", **UPLOAD | {"id": 3, "chat_id": 4, "message_id": None})
    insert(second, "audit", action="close", chat_id=3, at=NOW)
    return second


def go_back(app: Flask, revision: str) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision=revision)
        db.engine.dispose()


def test_going_back_leaves_of_encrypted_messages_their_places(
    app: Flask, encrypted: sqlite3.Connection
) -> None:
    go_back(app, "0012")
    said = encrypted.execute(
        "SELECT seq, content, deleted, envelope, files, pinned_at FROM message WHERE chat_id = 4 ORDER BY seq"
    ).fetchall()
    assert said == [(4, "Hello", 0, None, None, None), (5, "", 1, None, None, None)]
    assert encrypted.execute("SELECT encryption FROM chat ORDER BY id").fetchall()[2:] == [
        ("sealed",),
        ("none",),
    ]
    assert encrypted.execute("SELECT id FROM upload").fetchall() == [(1,)], "that of the sealed room"
    assert encrypted.execute("SELECT id FROM reaction").fetchall() == [(1,)]
    assert encrypted.execute("SELECT envelope FROM message WHERE chat_id = 3").fetchall() == [(ENVELOPE,)]
    migrate(app)


def test_going_back_further_takes_sealed_rooms_away_and_nothing_else(
    app: Flask, encrypted: sqlite3.Connection
) -> None:
    before = contents(encrypted)
    go_back(app, "0011")
    migrate(app)
    after = contents(encrypted)
    assert [chat["id"] for chat in after["chat"]] == [1, 2, 4]
    assert [message["id"] for message in after["message"]] == [1, 2, 4, 5]
    assert after["upload"] == after["reaction"] == []
    assert [entry["chat_id"] for entry in after["audit"]] == [None]
    kept = [row for row in before["membership"] if row["chat_id"] != 3]
    assert after["membership"] == kept
    for table in ("user", "session", "direct"):
        assert after[table] == before[table]


@pytest.mark.parametrize("step", ["add_column", "create_table"])
def test_an_upgrade_that_is_cut_off_has_changed_nothing(
    app: Flask, old: sqlite3.Connection, tmp_path: Path, step: str
) -> None:
    before = list(old.iterdump())
    program = CUT_OFF.format(step=step)
    done = run(sys.executable, "-c", program, environ={"PORCH_DATA": str(tmp_path / "data")})
    assert done.returncode == 7, said(done)
    assert list(old.iterdump()) == before
    migrate(app)
    assert "invitation" in contents(old)


def test_an_upgrade_that_would_leave_rows_without_what_they_belong_to_changes_nothing(
    app: Flask, old: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    old.execute("PRAGMA foreign_keys=OFF")
    insert(old, "membership", chat_id=77, user_id=1, joined_at=NOW)
    before = list(old.iterdump())
    with pytest.raises(SystemExit):
        migrate(app)
    assert "membership" in caplog.text
    assert list(old.iterdump()) == before
