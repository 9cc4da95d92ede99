"""A server that is stopped and started again on its port, under load, by whoever brings a new version."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import SETTINGS
from tests.faults.trial import Trial
from tests.support.server import Server
from tests.support.sockets import lasting_port


@pytest.mark.parametrize(
    ("restarts", "senders"),
    [
        pytest.param(2, 4, id="short"),
        pytest.param(50, 30, id="long", marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
def test_no_restart_loses_or_doubles_a_message(
    tmp_path: Path, restarts: int, senders: int, figure: Callable[[str], None]
) -> None:
    """Clients know of nothing: they knock where they did, until somebody opens."""
    settings = SETTINGS | {"port": lasting_port()}
    server = Server(tmp_path, **settings).__enter__()
    away: list[float] = []
    try:
        with Trial(server.url) as trial:
            trial.watch()
            trial.write(sockets=senders, http=senders // 2)
            for _ in range(restarts):
                trial.until_acknowledged(20)
                began = time.monotonic()
                assert server.stop() == 0
                away.append(time.monotonic() - began)
                server.kill()
                server = Server(tmp_path, **settings).__enter__()
            trial.until_acknowledged(20)
            found = trial.end()
            figure(
                f"{restarts} restarts, each stop within {max(away):.2f} s; {trial.acknowledged} acknowledged,"
                f" {trial.unknown} attempts without an answer; found: {dict(found)}"
            )
            assert trial.pushed > 0
            assert found == Counter()
    finally:
        server.kill()
