"""Rows straight from the driver are what SQLAlchemy makes of them, and are read in one snapshot."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, event, insert, select

from porch.access.actors import Actor
from porch.actions.rooms.chats import open_chat
from porch.engines import Engines
from porch.engines.reading.snapshots import snapshot
from porch.engines.reading.statements import as_fields
from porch.engines.writing.writer import Transaction
from porch.extensions import db, reading
from porch.models import Chat, Message
from porch.models.chat import CHAT_COLUMNS
from porch.models.clock import rfc3339, stored_as_rfc3339
from porch.models.message import MESSAGES, message_dict, stored_message
from tests.support.actors import an_actor
from tests.support.database import change, write_messages

MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
BY_NAME = select(*CHAT_COLUMNS).where(Chat.name == bindparam("name"))
OF_CHAT = MESSAGES.where(Message.chat_id == bindparam("chat")).order_by(Message.seq)


@pytest.fixture
def ann(engines: Engines) -> Actor:
    return an_actor(engines)


@pytest.fixture
def chat(engines: Engines, ann: Actor) -> Chat:
    return open_chat(engines, ann, name="A room", address="test")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    stored=st.fixed_dictionaries(
        {
            "timestamp": MOMENTS,
            "edited_at": st.none() | MOMENTS,
            "guest": st.booleans(),
            "deleted": st.booleans(),
            "content": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        }
    )
)
def test_a_message_is_the_same_from_the_driver(
    engines: Engines, ann: Actor, chat: Chat, stored: dict[str, Any]
) -> None:
    values = stored | {
        "chat_id": chat.id,
        "user_id": ann.user_id,
        "seq": 1,
        "rev": 1,
        "username": "Ann",
        "client_id": str(uuid.uuid4()),
    }

    def store(transaction: Transaction) -> None:
        transaction.connection.execute(delete(Message))
        transaction.connection.execute(insert(Message), values)

    engines.writer.write(store)
    with reading() as session, snapshot() as found:
        (row,) = found.rows(OF_CHAT, {"chat": chat.id})
        assert stored_message(row) == message_dict(session.execute(MESSAGES).mappings().one())


@pytest.mark.parametrize(
    "stored", ["2026-03-11 18:02:00.123456", "2026-03-11 18:02:00.000000", "2026-03-11 18:02:00", None]
)
def test_a_moment_is_the_same_from_the_driver(stored: str | None) -> None:
    moment = None if stored is None else datetime.fromisoformat(stored).replace(tzinfo=UTC)
    assert stored_as_rfc3339(stored) == rfc3339(moment)
    assert stored_as_rfc3339(moment) == rfc3339(moment), "other databases give moments"


@pytest.mark.parametrize("deleted_at", [None, "2026-03-11 18:02:00.123456"])
def test_a_room_is_the_same_from_the_driver(chat: Chat, tmp_path: Path, deleted_at: str | None) -> None:
    change(tmp_path / "data", "UPDATE chat SET deleted_at = ?", deleted_at)
    with reading() as session, snapshot() as found:
        row = found.first(BY_NAME, {"name": "A room"})
        assert row is not None
        known = session.get(Chat, chat.id)
        fields = {column.key: getattr(known, column.key) for column in CHAT_COLUMNS}
        assert as_fields(CHAT_COLUMNS, row, found.dialect) == fields
        assert found.first(BY_NAME, {"name": "Another"}) is None


def test_a_snapshot_does_not_move(ann: Actor, chat: Chat, tmp_path: Path) -> None:
    with snapshot() as found:
        assert list(found.rows(OF_CHAT, {"chat": chat.id})) == []
        write_messages(tmp_path / "data", chat.id, ann.user_id, "Ann", 1)
        assert list(found.rows(OF_CHAT, {"chat": chat.id})) == []
    with snapshot() as found:
        assert len(list(found.rows(OF_CHAT, {"chat": chat.id}))) == 1


def test_a_snapshot_gives_its_connection_back_also_after_a_failure(engines: Engines) -> None:
    given_back: list[object] = []
    event.listen(db.engine, "checkin", lambda *_: given_back.append(1))
    with pytest.raises(KeyError), snapshot():
        raise KeyError
    with snapshot() as found:
        assert found.first(BY_NAME, {"name": "Nothing"}) is None
    assert len(given_back) == 2
