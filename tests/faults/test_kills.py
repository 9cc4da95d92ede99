"""A server that is killed again and again, in the middle of its work."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest

from tests.faults.conftest import SETTINGS
from tests.faults.trial import Trial
from tests.support.server import Server

SOONEST, LATEST = 0.005, 0.120  # seconds, under load, until the kill
SEED = 20260311
LONG = [pytest.mark.long, pytest.mark.timeout(10_800)]


class Lives:
    """One server after another over the same data; each is killed, none is stopped."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.server = self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.kill()

    def kill(self) -> None:
        self.server.process.kill()

    def begin_again(self) -> str:
        self.server.kill()
        self.server = self._begin()
        return self.server.url

    def _begin(self) -> Server:
        return Server(self._data, **SETTINGS).__enter__()


def kill_again_and_again(lives: Lives, trial: Trial, *, kills: int, acknowledged: int) -> int:
    """Kill the server under load at random moments until there were so many kills, and so many
    acknowledgements; leaves one running. Returns the number of kills.
    """
    each = acknowledged // kills
    chance = random.Random(SEED)
    done = 0
    while done < kills or trial.acknowledged < acknowledged:
        if done % 5:  # else people are still coming in when it dies
            trial.until_acknowledged(each)
        time.sleep(chance.uniform(SOONEST, LATEST))
        lives.kill()
        trial.place.move(None)
        trial.moved(lives.begin_again())
        done += 1
    return done


@pytest.mark.parametrize(
    ("kills", "acknowledged", "senders", "changes"),
    [
        pytest.param(5, 50, 8, 0.0, id="short", marks=pytest.mark.long),
        pytest.param(3, 30, 8, 0.5, id="short-with-changes"),
        pytest.param(1000, 100_000, 40, 0.0, id="long", marks=LONG),
        pytest.param(200, 10_000, 40, 0.5, id="long-with-changes", marks=LONG),
    ],
)
def test_no_kill_loses_doubles_or_moves_a_message(
    tmp_path: Path,
    kills: int,
    acknowledged: int,
    senders: int,
    changes: float,
    figure: Callable[[str], None],
) -> None:
    with Lives(tmp_path) as lives, Trial(lives.server.url) as trial:
        trial.watch()
        trial.write(sockets=senders, http=2, changes=changes)
        done = kill_again_and_again(lives, trial, kills=kills, acknowledged=acknowledged)
        found = trial.end()
        figure(
            f"{done} kills, {trial.acknowledged} acknowledged, {trial.unknown} attempts without an answer,"
            f" {trial.pushed} pushed, {len(trial.history.views)} views; found: {dict(found)}"
        )
        assert trial.pushed > 0
        assert found == Counter()
    with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
