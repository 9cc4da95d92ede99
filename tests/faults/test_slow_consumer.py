"""A client that is stopped harms nobody, and catches up when it goes on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.clients import Listener, Poller
from tests.faults.conftest import SETTINGS
from tests.faults.stopped import StoppedListener
from tests.faults.trial import Trial
from tests.support.server import Server
from tests.support.waiting import eventually

LARGE = 4_000  # characters of a message: two hundred are more than the system keeps for one connection


def memory(server: Server) -> float:
    """What the server's process holds, in MiB."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


@pytest.mark.parametrize(
    ("seconds", "messages"),
    [pytest.param(2.0, 200, id="short"), pytest.param(30.0, 1000, id="long", marks=pytest.mark.long)],
)
def test_others_do_not_notice_a_stopped_client_and_it_catches_up(
    start_server: Callable[..., Server], seconds: float, messages: int, figure: Callable[[str], None]
) -> None:
    server = start_server(**SETTINGS)
    with Trial(server.url) as trial, StoppedListener(trial.somebody(), trial.chat) as slow:
        trial.watch(Listener, Poller)
        trial.write(sockets=4, http=1, size=LARGE, pause=0.01)
        eventually(lambda: slow.cursor > 0)
        slow.stop()
        before, stopped = memory(server), time.monotonic()
        trial.until_acknowledged(messages, within=120)
        eventually(lambda: all(watcher.cursor >= messages for watcher in trial.watchers))
        trial.let_writers_finish()
        time.sleep(max(0.0, seconds - (time.monotonic() - stopped)))
        grown, head = memory(server) - before, trial.head()
        eventually(lambda: all(watcher.cursor == head for watcher in trial.watchers))
        missed = head - slow.cursor
        assert missed > messages / 2  # it had seen some that were acknowledged only later

        slow.go_on()
        went_on = time.monotonic()
        eventually(lambda: slow.cursor == head, within=60)
        took = time.monotonic() - went_on
        slowest = max(sender.slowest for sender in trial.senders)
        figure(
            f"{missed} missed in {seconds:g} s, caught up in {took:.2f} s; the server grew by"
            f" {grown:.1f} MiB; the slowest acknowledgement of others took {slowest:.2f} s"
        )
        trial.history.views["the stopped one"] = slow.view
        assert trial.end() == Counter()
