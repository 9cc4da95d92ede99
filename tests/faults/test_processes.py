"""Several processes that write into one room over one database, and are killed or lose their connections."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from tests.faults.conftest import SETTINGS
from tests.faults.place import Place
from tests.faults.trial import Trial
from tests.support import postgres
from tests.support.server import Server

pytestmark = pytest.mark.postgres

PROCESSES = 4
SOONEST, LATEST = 0.005, 0.120  # seconds, under load, until something happens
SEED = 20260311
# Ends some of the connections that there are, writers' and readers'.
CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 4) AS found"
)


class House:
    """The processes; each has a place, whose clients go to a neighbour while it is gone."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.servers: list[Server] = []
        self.places: list[Place] = []

    def __enter__(self) -> Self:
        for _ in range(PROCESSES):
            server = self._begin()
            self.servers.append(server)
            self.places.append(Place(server.url))
        return self

    def __exit__(self, *_: object) -> None:
        for place in self.places:
            place.close()
        for server in self.servers:
            server.kill()

    def kill(self, number: int) -> None:
        """And begin again."""
        self.servers[number].process.kill()
        self.places[number].move(self.servers[number - 1].url)
        self.servers[number].kill()
        self.servers[number] = self._begin()
        self.places[number].move(self.servers[number].url)

    def cut(self) -> int:
        """How many connections to the database were ended."""
        with postgres.connect(self._data) as connection:
            (ended,) = connection.execute(CUT).fetchone()
        return int(ended)

    def _begin(self) -> Server:
        return Server(self._data, **SETTINGS).__enter__()


@pytest.mark.parametrize(
    ("kills", "acknowledged", "senders", "changes"),
    [
        pytest.param(4, 80, 2, 0.0, id="short"),
        pytest.param(200, 40_000, 10, 0.0, id="long", marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
        pytest.param(
            100, 10_000, 10, 0.3, id="long-with-changes", marks=[pytest.mark.long, pytest.mark.timeout(7200)]
        ),
    ],
)
def test_processes_that_share_a_room_lose_double_and_move_nothing(
    tmp_path: Path,
    kills: int,
    acknowledged: int,
    senders: int,
    changes: float,
    figure: Callable[[str], None],
) -> None:
    chance = random.Random(SEED)
    ended = 0
    with House(tmp_path / "data") as house, Trial(house.servers[0].url, house.places[0]) as trial:
        for place in house.places:
            trial.watch(place=place)
            trial.write(sockets=senders, http=1, place=place, changes=changes)
        for number in range(kills):
            trial.until_acknowledged(acknowledged // kills, within=120)
            time.sleep(chance.uniform(SOONEST, LATEST))
            ended += house.cut()
            if number % 2:
                trial.until_acknowledged(1, within=120)
                house.kill(chance.randrange(PROCESSES))
                trial.url = trial.reader.url = house.servers[0].url
        found = trial.end()
        figure(
            f"{PROCESSES} processes, {kills // 2} kills, {ended} connections ended,"
            f" {trial.acknowledged} acknowledged, {trial.unknown} attempts without an answer,"
            f" {trial.later} put off, {len(trial.history.views)} views; found: {dict(found)}"
        )
        assert trial.pushed > 0
        assert found == Counter()
