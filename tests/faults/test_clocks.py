"""A wall clock that jumps by an hour, forwards and back, while people talk."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.faults.conftest import SETTINGS
from tests.faults.shim import Shim
from tests.faults.trial import Trial
from tests.support.people import Json
from tests.support.server import Server

HOUR = 3600


def jumps(messages: list[Json]) -> list[int]:
    """The hours between messages that follow one another, where there are any."""
    times = [datetime.fromisoformat(message["timestamp"]) for message in messages]
    steps = [round((b - a) / timedelta(hours=1)) for a, b in itertools.pairwise(times)]
    return [step for step in steps if step]


def test_a_clock_that_jumps_moves_no_message_and_puts_nobody_out(
    start_server: Callable[..., Server], shim: Shim
) -> None:
    with Trial(start_server(environ=shim.environ, **SETTINGS).url) as trial:
        trial.watch()
        trial.write(sockets=4, http=2)
        by_polling = trial.somebody()
        by_polling.enter(trial.chat)
        with trial.somebody().socket() as by_socket:
            by_socket.enter(trial.chat)
            for shift in (0, HOUR, 0, -HOUR, 0):
                shim.shift_clock(shift)
                trial.until_acknowledged(40)
                assert trial.reader.present(trial.chat)["count"] == 3  # with the trial's own listener
                by_polling.after(trial.chat, 0, limit=1)  # to ask is to stay
                assert by_polling.get("/sessions/current")["username"] == by_polling.username
            assert by_socket.events("session_ended") == []
        assert jumps(trial.read()) == [1, -1, -1, 1]
        assert trial.end() == Counter()
