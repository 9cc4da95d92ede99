"""How what other processes tell is read: in order, whole, and without holding the event loop."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import gevent.event
import gevent.socket
import pytest
from redis.exceptions import ConnectionError

from porch.engines.cluster.bus import Ear
from tests.conftest import skip_or_fail
from tests.support.certificates import make_certificate
from tests.support.redis import MISSING, PROGRAM, Redis
from tests.support.server import ROOT

PATIENCE = 20  # seconds


@pytest.fixture
def ends() -> Iterator[tuple[Ear, gevent.socket.socket]]:
    """A patient ear, and what it listens to."""
    here, there = gevent.socket.socketpair()
    with here, there, closing(Ear(here)) as ear:
        ear.be_patient()
        yield ear, there


def test_who_is_busy_meanwhile_hears_all_of_it_in_order(ends: tuple[Ear, gevent.socket.socket]) -> None:
    ear, there = ends
    told = b"".join(b"%d " % number for number in range(60_000))
    heard: list[bytes] = []

    def listen() -> None:
        while sum(map(len, heard)) < len(told):
            heard.append(ear.receive())
            gevent.sleep(0.001)  # what a handler may wait for

    listener = gevent.spawn(listen)
    there.sendall(told)
    listener.join(PATIENCE)

    assert b"".join(heard) == told
    assert len(heard) > 1


def is_watching(ear: Ear) -> bool:
    """Whether the loop looks at its socket."""
    return ear._watcher is not None and bool(ear._watcher.active)


def test_what_nobody_reads_yet_does_not_keep_the_loop_busy(ends: tuple[Ear, gevent.socket.socket]) -> None:
    ear, there = ends
    heard: list[bytes] = []
    go_on = gevent.event.Event()

    def listen() -> None:
        for _ in range(2):
            heard.append(ear.receive())
            go_on.wait(PATIENCE)

    listener = gevent.spawn(listen)
    there.sendall(b"one")
    gevent.sleep(0.01)
    there.sendall(b"two")
    gevent.sleep(0.01)
    assert (heard, is_watching(ear)) == ([b"one"], False)

    go_on.set()
    listener.join(PATIENCE)
    assert heard == [b"one", b"two"]


def test_the_end_of_a_connection_is_heard(ends: tuple[Ear, gevent.socket.socket]) -> None:
    ear, there = ends
    gevent.spawn_later(0.01, there.close)
    with gevent.Timeout(PATIENCE), pytest.raises(ConnectionError):
        ear.receive()


def test_a_connection_that_was_closed_meanwhile_is_not_waited_for(
    ends: tuple[Ear, gevent.socket.socket],
) -> None:
    ear, _ = ends
    ear._sock.close()
    with gevent.Timeout(PATIENCE), pytest.raises(ConnectionError):
        ear.receive()


# In a process that was patched for gevent. TLS hands over no more than a record at a time.
HEARD_BY_TLS = """
from gevent import monkey
monkey.patch_all()
import sys, gevent
from porch.engines.writing.bridge import GeventBridge
from porch.engines.cluster.bus import Bus
from porch.engines.cluster.line import Line

heard, joined = [], []

def made():
    line = Line(sys.argv[1], GeventBridge())
    bus = Bus(sys.argv[1], line)
    bus.on_chats(heard=lambda chat_id, lines: heard.extend(lines), joined=joined.append)
    line.start()
    bus.start()
    return bus

one, two = made(), made()
with gevent.Timeout(15):
    two.listen(7)
    while not joined:
        gevent.sleep(0.01)
    for number in range(50):
        one.tell_chat(7, b"%d " % number + b"x" * 40_000)
        if number % 5 == 0:
            gevent.sleep(0.01)
    while len(heard) < 50:
        gevent.sleep(0.01)
print([int(line.split()[0]) for line in heard] == list(range(50)), {len(line) > 40_000 for line in heard})
"""


def test_what_comes_by_tls_is_heard_whole_and_in_order(tmp_path: Path) -> None:
    if PROGRAM is None:
        skip_or_fail(MISSING)
    with Redis(certificate=make_certificate(tmp_path)) as secret:
        said = subprocess.run(
            [sys.executable, "-c", HEARD_BY_TLS, secret.site()],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert said.stdout == "True {True}\n", said.stderr
