"""The writer under greenlets, each test in a process that was patched first."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ROOT

pytestmark = pytest.mark.sqlite("the writer over SQLite; tests/test_postgres.py has the other")

GREEN_DESK = """
from gevent import monkey

monkey.patch_all()
import json, sqlite3, sys, time
from pathlib import Path
import gevent
from porch.engines.writing.bridge import GeventBridge
from functools import partial
from porch.engines.writing.committer import SqliteCommitter as Committer
from porch.engines.writing.writer import Writer
from porch.events import Event

database = Path(sys.argv[1])
other = sqlite3.connect(database, isolation_level=None)
other.execute("PRAGMA journal_mode=WAL")
other.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE NOT NULL)")
native_sleep = monkey.get_original("time", "sleep")
announced, wrong, ticks, busy = [], [], [], []


def add(text):
    def run(transaction):
        cursor = transaction.connection.exec_driver_sql("INSERT INTO note (text) VALUES (?)", (text,))
        transaction.announce(Event("note", {"text": text}))
        return cursor.lastrowid

    return run


def wait_for(condition):
    with gevent.Timeout(15):
        while not condition():
            gevent.sleep(0.01)


def outside_write():
    noticed.append(1)
    raise ConnectionError("nobody listens")


noticed = []
writer = Writer(
    partial(Committer, database, 5),
    bridge=GeventBridge(),
    announce=lambda events: announced.extend(event.payload["text"] for event in events),
    outside_write=outside_write,
    queue_limit=100_000,
)
"""

GREENLETS = """
def client(number):
    for count in range(50):
        text = f"{number}:{count}"
        row = writer.write(add(text))
        if other.execute("SELECT text FROM note WHERE id = ?", (row,)).fetchone() != (text,):
            wrong.append(text)


def hold(transaction):
    busy.append(time.monotonic())
    native_sleep(1)
    busy.append(time.monotonic())


def tick():
    while True:
        gevent.sleep(0.01)
        ticks.append(time.monotonic())


ticker = gevent.spawn(tick)
writer.write(hold)
gevent.joinall([gevent.spawn(client, number) for number in range(64)], timeout=60, raise_error=True)
wait_for(lambda: len(announced) == 64 * 50)
ticker.kill()
writer.stop()
notes = [text for (text,) in other.execute("SELECT text FROM note ORDER BY id")]
ticks_while_busy = sum(busy[0] < tick < busy[1] for tick in ticks)
print(json.dumps([notes, announced, wrong, ticks_while_busy]))
"""

GREEN_FAILURE = """
writer.write(add("before"))
other.execute("INSERT INTO note (text) VALUES ('theirs')")
wait_for(lambda: noticed)
after = writer.submit(add("after"))
print(json.dumps(after.result(15)))
writer.stop()
"""


GREEN_WAITING = """
from porch.engines.writing import bridge as bridge_module
bridge_module.LOOK = 0.05
bridge = GeventBridge()
said = []

slow = bridge.pending()
try:
    slow.result(0.1)
except TimeoutError:
    said.append("too late")
gevent.spawn_later(0.2, slow.set_result, "there at last")
said.append(slow.result(15))

killed = bridge.pending()
waiting = gevent.spawn(killed.result, 15)
gevent.sleep(0)
bridge.wake(killed)  # by the clock, while somebody else kills it
waiting.kill(block=False)
idle = gevent.spawn(gevent.sleep, 0.2)
gevent.joinall([waiting, idle], timeout=15)
killed.set_result(1)
gevent.sleep(0)
said.append(killed.result(15))

order = []
many = [bridge.pending() for _ in range(200)]
greenlets = [gevent.spawn(lambda one=one: order.append(one.result(15))) for one in many]
gevent.sleep(0)
ticks = []
gevent.spawn(lambda: ticks.append(len(order)))
for number, one in enumerate(many):
    one.set_result(number)
gevent.joinall(greenlets, timeout=15)
gevent.sleep(1.5)  # the clock is looked at once a second
said += [order == list(range(200)), bridge.waits == []]

for number in range(1000):
    one = bridge.pending()
    gevent.get_hub().loop.run_callback(one.set_result, number)
    one.result(15)
said.append(len(bridge.waits) <= 100)

failed = bridge.pending()
gevent.spawn(failed.set_exception, KeyError("so"))
try:
    failed.result(15)
except KeyError as error:
    said.append(repr(error))
print(json.dumps(said))
writer.stop()
"""

BATCHES = """
batches = []
commit = Committer.commit
Committer.commit = lambda self, writes: batches.append(len(writes)) or commit(self, writes)
writer.write(add("first"))
batches.clear()
sys.setswitchinterval(30)  # on a busy machine the interpreter goes over to the writer's thread in between
"""

TOGETHER = """
gevent.joinall([gevent.spawn(writer.write, add(str(number))) for number in range(100)], timeout=60)
print(json.dumps(batches))
writer.stop()
"""

AGAIN = """
def client(number):
    for count in range(3):
        writer.write(add(f"{number}:{count}"))


gevent.joinall([gevent.spawn(client, number) for number in range(150)], timeout=60)
print(json.dumps(batches))
writer.stop()
"""


def in_gevent(script: str, database: Path) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", GREEN_DESK + script, str(database)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sixty_four_greenlets_lose_nothing_and_the_loop_goes_on(tmp_path: Path) -> None:
    notes, announced, wrong, ticks_while_busy = in_gevent(GREENLETS, tmp_path / "chat.db")
    assert wrong == []
    assert len(notes) == 64 * 50
    assert announced == notes
    for number in range(64):
        own = [note for note in notes if note.startswith(f"{number}:")]
        assert own == [f"{number}:{count}" for count in range(50)]
    assert ticks_while_busy > 20


@pytest.mark.long
def test_a_failure_on_noticing_leaves_the_writer_as_it_was_in_gevent_too(tmp_path: Path) -> None:
    assert in_gevent(GREEN_FAILURE, tmp_path / "chat.db") == 3


def test_a_greenlet_waits_its_time_and_no_longer_and_wakes_in_its_turn(tmp_path: Path) -> None:
    said = in_gevent(GREEN_WAITING, tmp_path / "chat.db")
    assert said == ["too late", "there at last", 1, True, True, True, "KeyError('so')"]


def test_what_greenlets_write_in_one_turn_of_the_loop_is_one_transaction(tmp_path: Path) -> None:
    assert in_gevent(BATCHES + TOGETHER, tmp_path / "chat.db") == [100]


def test_greenlets_that_were_answered_together_write_together_again(tmp_path: Path) -> None:
    assert in_gevent(BATCHES + AGAIN, tmp_path / "chat.db") == [150, 150, 150]
