"""Connections that break in every way, under load."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.conftest import SETTINGS
from tests.faults.place import Place
from tests.faults.proxy import Fault, Proxy
from tests.faults.trial import Trial
from tests.support.server import Server

SEED = 20260312
GIVE_UP = 0.5  # seconds of silence after which a sender connects anew


def break_connections(trial: Trial, proxy: Proxy, cuts: int) -> Counter[str]:
    """Break connections so often, each time in one way and some of them; returns how many met which fault."""
    chance = random.Random(SEED)
    met: Counter[str] = Counter()
    done = 0
    while done < cuts:
        fault = chance.choice(list(Fault))
        if fault is Fault.BLACK_HOLE:
            proxy.swallow_all(True)
        hit = proxy.hit(fault, share=chance.choice([0.0, 0.3, 1.0]))
        met[fault.name] += hit
        done += hit > 0
        time.sleep(chance.uniform(0.005, 0.05))
        proxy.swallow_all(False)
        trial.until_acknowledged(1)
    return met


@pytest.mark.parametrize(
    "cuts", [pytest.param(30, id="short"), pytest.param(1000, id="long", marks=pytest.mark.long)]
)
def test_no_broken_connection_loses_or_doubles_a_message(
    start_server: Callable[..., Server], cuts: int, figure: Callable[[str], None]
) -> None:
    server = start_server(**SETTINGS)
    with Proxy(server.url) as proxy, Trial(server.url, Place(proxy.url), timeout=GIVE_UP) as trial:
        trial.watch()
        trial.write(sockets=6, http=3)
        trial.until_acknowledged(20)
        met = break_connections(trial, proxy, cuts)
        found = trial.end()
        figure(
            f"{cuts} times, connections met {dict(met)}; {trial.acknowledged} acknowledged,"
            f" {trial.unknown} attempts without an answer; found: {dict(found)}"
        )
        assert found == Counter()
        assert min(met[fault.name] for fault in Fault) > 0
        assert trial.unknown >= cuts / 2
