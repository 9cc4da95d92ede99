"""What reading costs inside the application, on a site of 5,000,000 messages in 1,000 rooms.

Microseconds of CPU time, medians of rounds over many rooms. `warm` rooms were read before, as those are that
people have open; `cold` ones were not, by this process. The last lines are whole requests.
The database is made once and kept (1.3 GB; some minutes).
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import sqlite3  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import uuid  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import closing  # noqa: E402
from datetime import UTC, datetime, timedelta  # noqa: E402
from pathlib import Path  # noqa: E402
from random import Random  # noqa: E402
from typing import Any  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import gevent  # noqa: E402
from flask import Flask  # noqa: E402

from porch import lookup  # noqa: E402
from porch.access.actors import Actor, actor_for_token  # noqa: E402
from porch.access.chats import chat_for  # noqa: E402
from porch.actions.people.sessions import Browser, create_session  # noqa: E402
from porch.actions.reading.log import await_messages, messages_before, newest_messages  # noqa: E402
from porch.app import create_app  # noqa: E402
from porch.cli import upgrade  # noqa: E402
from porch.config import Settings  # noqa: E402
from porch.engines import Engines  # noqa: E402
from porch.server import spare_collector  # noqa: E402
from porch.web.json import json_answer  # noqa: E402

ROOMS = 1000
LATEST = 150  # microseconds that the latest 50 may take, warm
NOTHING = 30  # microseconds that nothing new may take, warm
WORDS = "the mast is up nothing fell on anyone and tea for all who held a rope in this wind".split()
OFF: dict[str, Any] = {"visit_rate": None, "message_rate": None, "sign_in_rate": None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000_000, help="of all rooms; 5,000,000")
    parser.add_argument("--folder", type=Path, help="where the database is kept; in the temporary folder")
    parser.add_argument("--rounds", type=int, default=9, help="of each; 9 if not given")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.gettempdir()) / f"porch-bench-read-{arguments.messages}"
    app = create_app("gevent", Settings(data=folder, **OFF))
    with app.app_context():
        upgrade()
        if not (folder / "made").exists():
            print(f"Making {arguments.messages:,} messages in {folder} ...")
            fill(folder / "chat.db", arguments.messages // ROOMS)
            (folder / "made").touch()
        site = Site(app)
        spare_collector()
        print(f"{arguments.messages:,} messages in {ROOMS:,} rooms; us of CPU each")
        slow = site.measure(arguments.rounds)
    site.engines.writer.stop()
    if slow:
        sys.exit("Slower than it should be: " + ", ".join(slow))


def fill(database: Path, each: int) -> None:
    """Straight into the tables: sending each message would take hours."""
    random = Random(5)  # noqa: S311  # the same messages each time
    start = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=365)
    created = str(start)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-500000")
        people = [(number, f"Person {number}", created) for number in range(1, 101)]
        connection.executemany(
            "INSERT INTO user (id, username, guest, role, created_at) VALUES (?, ?, 1, 'member', ?)", people
        )
        connection.executemany(
            "INSERT INTO chat (id, name, search_name, hash_key, created_at, active_at, kind, encryption, rev,"
            " changed_rev, reset_rev) VALUES (?1, ?2, ?2, ?3, ?4, ?4, 'link', 'none', ?5, 0, 0)",
            [(number, f"Room {number}", f"{number:022}", created, each) for number in range(1, ROOMS + 1)],
        )
        connection.executemany(
            "INSERT INTO message (chat_id, seq, rev, timestamp, user_id, username, guest, content, client_id,"
            " deleted) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, 0)",
            messages(random, start, each),
        )
        connection.commit()


def messages(random: Random, start: datetime, each: int) -> Iterator[tuple[object, ...]]:
    """In the order of time, the rooms in turn: so a room's rows lie far apart, as they do in life."""
    for seq in range(1, each + 1):
        moment = (start + timedelta(seconds=6000 * seq)).isoformat(sep=" ", timespec="microseconds")
        for chat_id in range(1, ROOMS + 1):
            person = random.randint(1, 100)
            text = " ".join(random.choices(WORDS, k=random.randint(2, 30)))
            client_id = str(uuid.UUID(int=random.getrandbits(128)))
            yield chat_id, seq, seq, moment, person, f"Person {person}", text, client_id


class Site:
    """The application, and somebody who is in all rooms."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.engines: Engines = app.extensions["porch_engines"]
        session = create_session(self.engines, f"Reader {uuid.uuid4().hex[:12]}", Browser("bench"))
        self.token = session.token
        actor = actor_for_token(self.engines.settings, session.token)
        assert actor is not None
        self.actor: Actor = actor
        self.engines.writer.write(self.join_all)
        self.heads = {number: chat_for(actor, number).rev for number in range(1, ROOMS + 1)}
        self.random = Random(7)  # noqa: S311
        self.client = app.test_client()

    def join_all(self, transaction: Any) -> None:
        transaction.connection.exec_driver_sql(
            "INSERT INTO membership (chat_id, user_id, joined_at, state)"
            " SELECT id, ?, created_at, 'member' FROM chat",
            (self.actor.user_id,),
        )

    def measure(self, rounds: int) -> list[str]:
        """Print everything; returns the names of what is slower than it should be."""
        slow = []
        for name, call, cold, most in (
            ("latest 50, warm", self.latest, False, LATEST),
            ("latest 50, cold", self.latest, True, None),
            ("latest 50 as an answer's bytes, warm", self.latest_encoded, False, None),
            ("?after= nothing new, warm", self.nothing_new, False, NOTHING),
            ("?after= nothing new, cold", self.nothing_new, True, None),
            ("?after= 20 behind, warm", self.behind, False, None),
            ("?before= anywhere, 50", self.older, False, None),
            ("who a token is, warm", self.who, False, None),
            ("GET messages?after=, nothing new, whole request", self.request_nothing, False, None),
            ("the same through Flask", self.request_nothing_long, False, None),
            ("GET the room with 50, whole request", self.request_latest, False, None),
        ):
            cost = statistics.median(self.round(call, cold=cold) for _ in range(rounds))
            limit = f"  (at most {most})" if most else ""
            print(f"{name:50}{cost:9.1f}{limit}", flush=True)
            if most and cost > most:
                slow.append(name)
        return slow

    def round(self, call: Callable[[int], object], *, cold: bool) -> float:
        chats = self.random.sample(range(1, ROOMS + 1), 200)
        if cold:
            lookup.memory().forget()
            self.who(0)
        else:
            for chat_id in chats:
                self.latest(chat_id)
                call(chat_id)
        gevent.sleep(0)
        before = time.process_time()
        for chat_id in chats:
            call(chat_id)
        return (time.process_time() - before) / len(chats) * 1e6

    def latest(self, chat_id: int) -> object:
        return newest_messages(self.actor, chat_id)

    def latest_encoded(self, chat_id: int) -> object:
        chat, page = newest_messages(self.actor, chat_id)
        return json_answer(chat | {"messages": page.raw, "rev": page.rev, "more": page.more})

    def nothing_new(self, chat_id: int) -> object:
        return self.after(chat_id, self.heads[chat_id])

    def behind(self, chat_id: int) -> object:
        return self.after(chat_id, self.heads[chat_id] - 20)

    def after(self, chat_id: int, after: int) -> object:
        return await_messages(self.engines, self.actor, chat_id, after=after, limit=50, wait=0)

    def older(self, chat_id: int) -> object:
        return messages_before(self.actor, chat_id, before=self.random.randint(51, self.heads[chat_id]))

    def who(self, _: int) -> object:
        return actor_for_token(self.engines.settings, self.token)

    def request_nothing(self, chat_id: int) -> object:
        return self.get(f"/chats/{chat_id}/messages?after={self.heads[chat_id]}")

    def request_nothing_long(self, chat_id: int) -> object:
        return self.get(f"/chats/{chat_id}/messages?after={self.heads[chat_id]}&wait=0")

    def request_latest(self, chat_id: int) -> object:
        return self.get(f"/chats/{chat_id}/")

    def get(self, path: str) -> object:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer


if __name__ == "__main__":
    main()
