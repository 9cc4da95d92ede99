"""PostgreSQL under several processes: one order of each room, no deadlocks, and what a loss of it means."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL, NullPool, create_engine, make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from porch.access.actors import Actor, actor_for_token
from porch.access.chats import MEMBER_HEAD
from porch.actions.messages.sending import Said, send_message
from porch.actions.order.members import remove_member
from porch.actions.people.sessions import Browser, create_session
from porch.actions.reading.log import messages_after
from porch.actions.reading.search import search
from porch.actions.rooms.chats import join_chat, open_chat
from porch.actions.upkeep.indexing import index_messages
from porch.app import create_app
from porch.config import Settings
from porch.engines import Engines
from porch.engines.postgres.hearing import CHANNEL
from porch.engines.postgres.transactions import LOCK
from porch.engines.reading.memory import Memory
from porch.engines.reading.snapshots import snapshot
from porch.engines.writing.writer import Transaction
from porch.errors import NotFound, RetryLater
from porch.extensions import reading
from porch.models import Chat
from tests.conftest import NO_LIMITS
from tests.support import postgres
from tests.support.certificates import make_certificate
from tests.support.database import rows
from tests.support.fresh import fill, make_template
from tests.support.people import Guest, a_name
from tests.support.server import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

LIMIT = 30.0  # seconds; only a failure takes so long


class Process:
    """What stands for one: an application of its own, with a writer of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.engines: Engines = app.extensions["porch_engines"]

    def do(self, deed: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with self.app.app_context():
            return deed(self.engines, *arguments, **more)

    def ask(self, question: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with self.app.app_context():
            return question(*arguments, **more)

    def person(self) -> Actor:
        session = self.do(create_session, a_name(), Browser("test"))
        actor = self.ask(actor_for_token, self.engines.settings, session.token)
        assert isinstance(actor, Actor)
        return actor

    def open(self, actor: Actor) -> Chat:
        opened: Chat = self.do(open_chat, actor, name="A room", address="test")
        return opened

    def say(self, actor: Actor, chat_id: int, text: str = "Hello", client_id: str = "") -> dict[str, Any]:
        sent = self.do(send_message, actor, chat_id, Said(text, client_id or str(uuid.uuid4())))
        message: dict[str, Any] = sent[0]
        return message

    def log(self, actor: Actor, chat_id: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while True:
            after = messages[-1]["rev"] if messages else 0
            page = self.ask(messages_after, actor, chat_id, after=after, limit=200)
            messages += page.messages
            if not page.more:
                return messages


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def processes(make_app: Callable[..., Flask]) -> list[Process]:
    return [Process(make_app(**NO_LIMITS)) for _ in range(2)]


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(deeds)) as pool:
        return [done.result(LIMIT) for done in [pool.submit(deed) for deed in deeds]]


def test_two_processes_number_one_room_without_gaps(processes: list[Process]) -> None:
    ann = processes[0].person()
    chat = processes[0].open(ann)

    def talk(process: Process, name: str) -> list[tuple[str, int]]:
        return [
            (text, process.say(ann, chat.id, text)["seq"])
            for text in (f"{name} {number}" for number in range(40))
        ]

    told = at_once([lambda p=p, n=n: talk(p, f"{n}") for n, p in enumerate(processes * 3)])  # type: ignore[misc]
    log = processes[1].log(ann, chat.id)
    assert [message["seq"] for message in log] == list(range(1, 6 * 40 + 1))
    assert {message["content"]: message["seq"] for message in log} == dict(chain(*told))
    assert [message["id"] for message in log] == sorted(message["id"] for message in log)


def test_processes_that_write_into_many_rooms_never_wait_for_each_other_in_a_circle(
    processes: list[Process], data: Path
) -> None:
    ann = processes[0].person()
    rooms = [processes[0].open(ann).id for _ in range(6)]

    def talk(process: Process, order: list[int]) -> None:
        for chat_id in order * 6:
            process.say(ann, chat_id)

    turns = [rooms, rooms[::-1], rooms[3:] + rooms[:3], rooms[::2] + rooms[1::2]]
    at_once([lambda p=p, t=t: talk(p, t) for t in turns for p in processes])  # type: ignore[misc]
    for chat_id in rooms:
        seqs = [message["seq"] for message in processes[0].log(ann, chat_id)]
        assert seqs == list(range(1, len(turns) * len(processes) * 6 + 1))
    with postgres.connect(data) as connection:
        found = connection.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        assert found.fetchone() == (0,)


def test_a_repeat_that_comes_to_another_process_finds_the_message(processes: list[Process]) -> None:
    ann = processes[0].person()
    chat = processes[0].open(ann)
    client_id = str(uuid.uuid4())
    first = processes[0].say(ann, chat.id, "Once", client_id)
    again = processes[1].say(ann, chat.id, "Once", client_id)
    assert again == first
    assert processes[1].say(ann, chat.id, "Twice")["seq"] == 2


def test_a_message_that_comes_to_two_processes_at_once_is_stored_once(processes: list[Process]) -> None:
    ann = processes[0].person()
    chat = processes[0].open(ann)
    for _ in range(10):
        client_id = str(uuid.uuid4())
        first, again = at_once(
            [lambda p=p, c=client_id: p.say(ann, chat.id, "Once", c) for p in processes]  # type: ignore[misc]
        )
        assert first == again
    assert len(processes[0].log(ann, chat.id)) == 10


def test_who_was_removed_by_another_process_writes_no_more(processes: list[Process]) -> None:
    ann, bob = processes[0].person(), processes[0].person()
    chat = processes[0].open(ann)
    processes[1].do(join_chat, bob, chat.hash_key)
    processes[1].say(bob, chat.id)
    processes[0].do(remove_member, ann, chat.id, bob.user_id)
    with pytest.raises(NotFound):
        processes[1].say(bob, chat.id)


def test_what_another_process_writes_is_noticed(processes: list[Process]) -> None:
    noticed = threading.Event()
    ann = processes[0].person()
    chat = processes[0].open(ann)
    processes[1].say(ann, chat.id)  # it is connected
    processes[1].engines.writer._outside_write = noticed.set
    time.sleep(2)  # what was noticed of the beginning
    noticed.clear()
    processes[0].say(ann, chat.id)
    assert noticed.wait(LIMIT)


@pytest.mark.parametrize(
    "told", ["nonsense", '["another"]', '["another", [], [], [["chat", {}, null, null]]]']
)
def test_a_notice_that_cannot_be_read_may_mean_anything_and_the_next_is_heard(
    processes: list[Process], data: Path, told: str
) -> None:
    processes[0].person()
    memory: Memory = processes[0].app.extensions["porch_memory"]

    def version() -> int | None:
        return memory.look()._version

    eventually(lambda: version() is not None)
    before = version()
    with postgres.connect(data, autocommit=True) as connection:
        connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, told))
    eventually(lambda: version() not in (None, before))


def test_a_lock_that_nobody_lets_go_refuses_and_works_again_when_it_goes(
    make_app: Callable[..., Flask], data: Path
) -> None:
    process = Process(make_app(**NO_LIMITS, lock_timeout=1))
    ann = process.person()
    chat = process.open(ann)
    with postgres.connect(data) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        for deed in (lambda: process.say(ann, chat.id), process.person):
            with pytest.raises(RetryLater) as refused:
                deed()
            assert "lock timeout" in (refused.value.cause or "")
        other.rollback()
    assert process.say(ann, chat.id)["seq"] == 1


def end_connections(data: Path) -> None:
    with postgres.connect(data) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_reader_whose_connection_is_ended_is_no_second_error(
    processes: list[Process], data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    process = processes[0]

    def ask(before: Callable[[], None]) -> object:
        with process.app.app_context(), snapshot(of_one=True) as found:
            before()
            return found.first(MEMBER_HEAD, {"chat": 1, "user": 1})

    for _ in range(2):
        with pytest.raises(RetryLater):
            ask(lambda: end_connections(data))
        assert ask(lambda: None) is None
    assert "Exception during reset" not in caplog.text


def test_a_writer_whose_connection_is_ended_connects_again(processes: list[Process], data: Path) -> None:
    process = processes[0]
    ann = process.person()
    chat = process.open(ann)
    for _ in range(3):
        process.say(ann, chat.id)
        end_connections(data)
        client_id = str(uuid.uuid4())
        eventually(lambda client_id=client_id: _goes_well(process, ann, chat.id, client_id))  # type: ignore[misc]
    assert [message["seq"] for message in process.log(ann, chat.id)] == [1, 2, 3, 4, 5, 6]


def _goes_well(process: Process, actor: Actor, chat_id: int, client_id: str) -> bool:
    try:
        process.say(actor, chat_id, "Hello", client_id)
    except RetryLater:
        return False
    return True


def test_an_error_of_the_database_tells_no_values(processes: list[Process]) -> None:
    ann = processes[0].person()
    chat = processes[0].open(ann)

    def same_again(transaction: Transaction) -> None:
        transaction.connection.exec_driver_sql(
            "INSERT INTO chat (name, search_name, hash_key, kind, encryption, rev, changed_rev, reset_rev,"
            " created_at, active_at) SELECT name, search_name, hash_key, kind, encryption, 0, 0, 0,"
            " created_at, active_at FROM chat"
        )

    with pytest.raises(IntegrityError) as raised:
        processes[0].engines.writer.write(same_again)
    assert "uq_chat_hash_key" in str(raised.value)
    assert chat.hash_key not in str(raised.value)


def test_a_database_that_cannot_be_had_is_an_error_and_not_ready(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    settings: Settings = app.extensions["porch_engines"].settings
    nowhere = "postgresql+psycopg://porch@/none?host=/nowhere"
    gone = create_app("threading", replace(settings, database_url=nowhere))
    engines: Engines = gone.extensions["porch_engines"]
    assert engines.readiness.missing() == ["database"]
    with gone.app_context(), pytest.raises(RetryLater), reading() as session:
        session.connection()
    answer = gone.test_client().get("/sessions/current", headers={"Authorization": "Bearer " + "a" * 43})
    assert answer.status_code == 503
    assert answer.get_json()["error"]["code"] == "retry_later"
    engines.writer.stop()


def test_two_processes_index_each_message_once(processes: list[Process], data: Path) -> None:
    ann = processes[0].person()
    chat = processes[0].open(ann)
    for number in range(30):
        processes[number % 2].say(ann, chat.id, f"Marmalade {number}")
    at_once([lambda p=p: p.do(index_messages) for p in processes])  # type: ignore[misc]
    assert rows(data, "SELECT count(*) FROM search_text") == [(30,)]
    hits = processes[1].do(search, ann, "marmalade", limit=50)["hits"]
    assert len(hits) == 30


FAR = "127.0.0.83"  # where no other PostgreSQL listens


def test_by_tls_the_database_is_reached_and_no_other_is_trusted(tmp_path: Path) -> None:
    for name in ("right", "wrong"):
        (tmp_path / name).mkdir()
    right, wrong = make_certificate(tmp_path / "right", FAR), make_certificate(tmp_path / "wrong", FAR)
    with postgres.running(listen=FAR, certificate=right):
        make_template()
        fill(tmp_path / "data")
        here = make_url(postgres.address_of(tmp_path / "data"))
        with Server(
            tmp_path / "data", database_url=by_tls(here, right.authority).render_as_string()
        ) as server:
            ann = Guest.sign_in(server.url)
            chat = ann.open_chat()
            said = ann.send(chat, "By TLS")
            assert ann.after(chat, 0)["messages"] == [said]
        assert confirms(by_tls(here, right.authority))
        assert not confirms(by_tls(here, wrong.authority))
        assert not confirms(
            by_tls(here, right.authority).set(host="localhost").update_query_dict({"hostaddr": FAR})
        )


def by_tls(url: URL, authority: Path) -> URL:
    return url.set(host=FAR, query={"sslmode": "verify-full", "sslrootcert": str(authority)})


def confirms(url: URL) -> bool:
    """Whether one connects to it."""
    engine = create_engine(url, poolclass=NullPool)
    try:
        engine.connect().close()
    except OperationalError:
        return False
    return True
