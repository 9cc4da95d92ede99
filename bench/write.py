"""What a durable message costs, in microseconds of CPU time of the whole process, fsync included.

    raw      sqlite3 by hand, with Porch's schema and settings: one transaction for all who wait
    thread   the same on a native thread, for greenlets that wait: the least that does not stop the loop
    commit   what the writer does in a transaction, on the thread that asks: nothing is handed over
    writer   a message handed to the writer, and its result awaited: as many greenlets as wait
    action   `send_message` whole: validation, access, limits, the writer, the announcement
    stock    Flask-SQLAlchemy's way: add to the session and commit, one transaction for each message

With `--postgres` the same over PostgreSQL, which is started for it: the CPU time of Porch alone, without
PostgreSQL's. There is no `raw` then, as there is no one way to do it by hand, and the aim is at most 20 us of
the writer where 256 wait.

All of it runs on one core, as the servers of the other benchmarks do; with `--free` on all of them, where one
thread that wakes another on an idle core pays for waking the core, too.

The ways take turns, and the medians of the rounds are shown; `writer/raw` is the median of each round's own
ratio. The clock starts when all are there who will wait. Nobody looks at the rooms meanwhile, as where all
have them open and are told by push.
The aim is a writer that takes at most 1.5 times what raw takes.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import os  # noqa: E402
import sqlite3  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import uuid  # noqa: E402
from collections.abc import Callable, Iterable  # noqa: E402
from functools import partial  # noqa: E402
from operator import truediv  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import gevent  # noqa: E402
from flask import Flask  # noqa: E402
from gevent.event import Event  # noqa: E402
from greenlet import greenlet  # noqa: E402
from sqlalchemy import create_engine, event, select  # noqa: E402
from sqlalchemy.orm import Session as WriteSession  # noqa: E402

from porch import events  # noqa: E402
from porch.access.actors import Actor, actor_for_token  # noqa: E402
from porch.access.authors import confirm_author  # noqa: E402
from porch.actions.messages.sending import Said, send_message  # noqa: E402
from porch.actions.people.sessions import Browser, create_session  # noqa: E402
from porch.actions.rooms.chats import join_chat, open_chat  # noqa: E402
from porch.app import create_app  # noqa: E402
from porch.cli import upgrade  # noqa: E402
from porch.config import Settings  # noqa: E402
from porch.engines import Engines  # noqa: E402
from porch.engines.reading.memory import Memory  # noqa: E402
from porch.engines.writing.appending import Appending  # noqa: E402
from porch.engines.writing.bells import make_bell  # noqa: E402
from porch.engines.writing.bridge import GeventBridge, Queue  # noqa: E402
from porch.engines.writing.committer import SqliteCommitter  # noqa: E402
from porch.engines.writing.durable import make_durable  # noqa: E402
from porch.engines.writing.writer import PATIENCE  # noqa: E402
from porch.engines.writing.writes import Write  # noqa: E402
from porch.extensions import db  # noqa: E402
from porch.models import Chat, Message  # noqa: E402
from porch.models.clock import utc_now  # noqa: E402
from porch.server import spare_collector  # noqa: E402
from tests.support import postgres  # noqa: E402
from tests.support.fresh import database_of  # noqa: E402

CONTENT = "The mast is up. Nothing fell on anyone, and the tea is still hot."
MOST = 1.5  # times raw
MOST_OVER_POSTGRES = 20.0  # microseconds
ROUNDS = ((1, 200), (16, 1600), (256, 5120))  # how many wait, and messages of a round
FEWER = 8  # times fewer messages by `stock`
PEOPLE = 16  # who write in one room at a time
OFF: dict[str, Any] = {f"{rate}_rate": None for rate in ("message", "visit", "room", "sign_in")}

client_ids: list[str] = []

Run = Callable[[], object]
Way = Callable[[int, int], Run]  # for so many messages, of which so many wait at a time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=19, help="turns of each way; 19 if not given")
    parser.add_argument("--messages", type=int, default=1, help="times as many messages in each round; 1")
    parser.add_argument("--postgres", action="store_true", help="over PostgreSQL")
    parser.add_argument("--free", action="store_true", help="on all cores")
    arguments = parser.parse_args()
    if not arguments.free:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if arguments.postgres:
        over_postgres(arguments)
    else:
        over_sqlite(arguments)


def over_postgres(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, postgres.running(durable=True):
        sites = {name: Site(Path(folder) / name) for name in ("writer", "action")}
        ways: dict[str, Way] = {"writer": ByWriter(sites["writer"]), "action": ByAction(sites["action"])}
        spare_collector()
        print(f"{'us CPU a message':20}" + "".join(f"{name:>9}" for name in ways))
        most = 0.0
        for waiting, messages in ROUNDS:
            costs = measure(ways, waiting, messages * arguments.messages, arguments.rounds)
            most = statistics.median(costs["writer"])
            show(waiting, costs)
        for site in sites.values():
            site.close()
    if most > MOST_OVER_POSTGRES:
        sys.exit(f"The writer takes more than {MOST_OVER_POSTGRES} us a message where many wait.")


def over_sqlite(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = ("raw", "thread", "commit", "writer", "action", "stock")
        sites = {name: Site(Path(folder) / name) for name in names}
        thread = ByThread(sites["thread"])
        ways: dict[str, Way] = {
            "raw": Raw(sites["raw"]),
            "thread": thread,
            "commit": ByCommitter(sites["commit"]),
            "writer": ByWriter(sites["writer"]),
            "action": ByAction(sites["action"]),
            "stock": Stock(sites["stock"]),
        }
        spare_collector()
        print(f"{'us CPU a message':20}" + "".join(f"{name:>9}" for name in ways) + f"{'writer/raw':>12}")
        ratios = []
        for waiting, messages in ROUNDS:
            costs = measure(ways, waiting, messages * arguments.messages, arguments.rounds)
            ratios.append(statistics.median(map(truediv, costs["writer"], costs["raw"])))
            show(waiting, costs, f"{ratios[-1]:12.2f}")
        thread.stop()
        for site in sites.values():
            site.close()
    if max(ratios) > MOST:
        sys.exit(f"The writer takes more than {MOST} times what raw sqlite3 takes.")


def show(waiting: int, costs: dict[str, list[float]], more: str = "") -> None:
    medians = (statistics.median(found) for found in costs.values())
    print(f"{waiting:>4} waiting        " + "".join(f"{cost:9.1f}" for cost in medians) + more)


def measure(ways: dict[str, Way], waiting: int, messages: int, rounds: int) -> dict[str, list[float]]:
    """What a message costs in each round, in microseconds, by the names of the ways."""
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            count = messages // FEWER if name == "stock" else messages
            client_ids[:] = [str(uuid.uuid4()) for _ in range(count)]  # clients make them
            run = way(count, waiting)
            before = time.process_time()
            run()
            if number:  # the first is to get warm
                costs[name].append((time.process_time() - before) / count * 1e6)
    return costs


def crowd(clients: Iterable[Run]) -> Run:
    """A greenlet for each, all of which begin when it runs."""
    begun = Event()

    def wait(client: Run) -> None:
        begun.wait()
        client()

    greenlets = [gevent.spawn(wait, client) for client in clients]
    gevent.idle()

    def run() -> None:
        begun.set()
        gevent.joinall(greenlets, raise_error=True)

    return run


class Site:
    """A database of its own, with as many rooms and people as the fullest round needs."""

    def __init__(self, data: Path) -> None:
        if postgres.is_chosen():
            postgres.make(data)
        self.app: Flask = create_app("gevent", Settings(data=data, **OFF | database_of(data)))
        self.database = data / "chat.db"
        self.engines: Engines = self.app.extensions["porch_engines"]
        with self.app.app_context():
            upgrade()
            people = [self._person(number) for number in range(PEOPLE)]
            self.places: list[tuple[Actor, int]] = []
            for number in range(256 // PEOPLE):
                chat = open_chat(self.engines, people[0], name=f"Room {number}", address="bench")
                for one in people[1:]:
                    join_chat(self.engines, one, chat.hash_key)
                self.places += [(one, chat.id) for one in people]

    def close(self) -> None:
        self.engines.writer.stop()
        with self.app.app_context():
            db.engine.dispose()

    def _person(self, number: int) -> Actor:
        session = create_session(self.engines, f"Person {number:03}", Browser("bench", None))
        actor = actor_for_token(self.engines.settings, session.token)
        assert actor is not None
        return actor


class Raw:
    """What the job takes with nothing around it: the room's number, the message, the new number."""

    def __init__(self, site: Site) -> None:
        site.engines.writer.stop()
        self._places = site.places
        self._driver = sqlite3.connect(site.database, isolation_level=None, check_same_thread=False)
        make_durable(self._driver)

    def __call__(self, messages: int, waiting: int) -> Run:
        def run() -> None:
            for _ in range(messages // waiting):
                self._commit(waiting)

        return run

    def _commit(self, waiting: int) -> list[int]:
        execute = self._driver.execute
        now = utc_now().replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        revs: dict[int, int] = {}
        ids = []
        execute("BEGIN IMMEDIATE")
        for actor, chat_id in self._places[:waiting]:
            if chat_id not in revs:
                (revs[chat_id],) = execute("SELECT rev FROM chat WHERE id = ?", (chat_id,)).fetchone()
            rev = revs[chat_id] = revs[chat_id] + 1
            values = (
                chat_id,
                rev,
                rev,
                now,
                actor.user_id,
                actor.username,
                True,
                CONTENT,
                client_ids.pop(),
                False,
            )
            cursor = execute(
                "INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content,"
                " client_id, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            assert cursor.lastrowid is not None
            ids.append(cursor.lastrowid)
        for chat_id, rev in revs.items():
            execute("UPDATE chat SET rev = ?, active_at = ? WHERE id = ?", (rev, now, chat_id))
        execute("COMMIT")
        return ids


class ByThread(Raw):
    """A greenlet for each who waits; a native thread that is told how many do, and wakes the loop."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._queue: Queue = GeventBridge().queue()
        self._waiting: list[greenlet] = []
        self._bell = make_bell()
        self._bell.watch(gevent.get_hub().loop, self._wake)
        monkey.get_original("_thread", "start_new_thread")(self._work, ())

    def __call__(self, messages: int, waiting: int) -> Run:
        def client() -> None:
            for _ in range(messages // waiting):
                self._waiting.append(gevent.getcurrent())
                if len(self._waiting) == waiting:
                    self._queue.put((waiting,))
                gevent.get_hub().switch()

        return crowd([client] * waiting)

    def _work(self) -> None:
        while True:
            for waiting in self._queue.take(1, 1.0):
                if not waiting:
                    return
                self._commit(waiting)
                self._bell.ring()

    def _wake(self) -> None:
        answered, self._waiting = self._waiting, []
        for one in answered:
            one.switch()

    def stop(self) -> None:
        self._queue.put((0,))


class ByCommitter:
    """What the writer does beside raw, and not how it is asked: who may write, others' commits, what all are
    told, memory.
    """

    def __init__(self, site: Site) -> None:
        site.engines.writer.stop()
        self._places = site.places
        self._committer = SqliteCommitter(site.database, 30, Memory())

    def __call__(self, messages: int, waiting: int) -> Run:
        places = self._places[:waiting]

        def run() -> None:
            for _ in range(messages // waiting):
                writes = [Write(said(*place), Nobody(), True, True, place[1]) for place in places]
                outcome = self._committer.commit(writes)
                assert len(outcome.done) == waiting
                self._committer.tidy()

        return run


class Nobody:
    """Waits for no result."""

    def set_result(self, value: Any) -> None: ...
    def set_exception(self, error: BaseException) -> None: ...
    def result(self, timeout: float) -> Any: ...


class ByWriter:
    """The writer with all that its answer needs, and nobody who listens."""

    def __init__(self, site: Site) -> None:
        self._writer = site.engines.writer
        self._writer._announce = lambda _: None
        self._places = site.places

    def __call__(self, messages: int, waiting: int) -> Run:
        def client(actor: Actor, chat_id: int) -> None:
            for _ in range(messages // waiting):
                pending = self._writer.submit_append(said(actor, chat_id), chat_id=chat_id)
                pending.result(PATIENCE)

        return crowd(partial(client, *place) for place in self._places[:waiting])


def said(actor: Actor, chat_id: int) -> Callable[[Appending], dict[str, Any]]:
    """A message as it is handed to the writer."""
    client_id = client_ids.pop()

    def run(log: Appending) -> dict[str, Any]:
        author = confirm_author(log, actor, chat_id)
        assert author.username is not None
        message = log.append(
            chat_id=chat_id,
            user_id=actor.user_id,
            username=author.username,
            guest=author.guest,
            content=CONTENT,
            client_id=client_id,
        )
        assert message is not None
        log.announce(events.message(message))
        return message

    return run


class ByAction:
    def __init__(self, site: Site) -> None:
        self._site = site

    def __call__(self, messages: int, waiting: int) -> Run:
        def client(actor: Actor, chat_id: int) -> None:
            with self._site.app.app_context():
                for _ in range(messages // waiting):
                    send_message(self._site.engines, actor, chat_id, Said(CONTENT, client_ids.pop()))

        return crowd(partial(client, *place) for place in self._site.places[:waiting])


class Stock:
    """One after another, however many wait: SQLite has one writer at a time."""

    def __init__(self, site: Site) -> None:
        site.engines.writer.stop()
        self._places = site.places
        self._engine = create_engine(f"sqlite:///{site.database}")
        event.listen(self._engine, "connect", make_durable)

    def __call__(self, messages: int, waiting: int) -> Run:
        def run() -> None:
            for number in range(messages):
                self._send(*self._places[number % waiting])

        return run

    def _send(self, actor: Actor, chat_id: int) -> int:
        with WriteSession(self._engine) as session:
            chat = session.scalars(select(Chat).where(Chat.id == chat_id)).one()
            chat.rev += 1
            chat.active_at = utc_now()
            message = Message(
                chat_id=chat_id,
                seq=chat.rev,
                rev=chat.rev,
                user_id=actor.user_id,
                username=actor.username,
                guest=True,
                content=CONTENT,
                client_id=client_ids.pop(),
            )
            session.add(message)
            session.commit()
            return message.id


if __name__ == "__main__":
    main()
