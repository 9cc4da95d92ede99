"""What is acknowledged has been flushed to the disk, and a disk that cannot flush ends the server."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.clients import Listener
from tests.faults.conftest import SETTINGS
from tests.faults.shim import FlushOrder, Shim
from tests.faults.trial import Trial
from tests.support.server import Server

pytestmark = pytest.mark.sqlite("SQLite's files are flushed by us; PostgreSQL does it itself")

LONG = pytest.param(5_000, id="long", marks=pytest.mark.long)


def flush_order(server: Server, recorder: Shim, messages: int) -> FlushOrder:
    """Let people write so much and one listen; returns what the recorder saw of it."""
    with Trial(server.url) as trial:
        trial.watch(Listener)
        trial.write(sockets=6, http=2)
        trial.until_acknowledged(messages, within=60 + messages / 20)
        assert trial.end() == Counter()
    server.stop()
    order = recorder.flush_order(trial.history.versions)
    assert len(order.answered) == len(trial.history.versions) >= messages
    return order


@pytest.mark.parametrize("messages", [pytest.param(150, id="short"), LONG])
def test_every_acknowledgement_comes_after_a_flush_that_covers_it(
    start_server: Callable[..., Server], recorder: Shim, messages: int, figure: Callable[[str], None]
) -> None:
    order = flush_order(start_server(environ=recorder.environ, **SETTINGS), recorder, messages)
    figure(f"{len(order.answered)} answered after one of {order.flushes} flushes, {len(order.early)} before")
    assert order.early == set()


@pytest.mark.long
@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_with_less_durability_that_same_check_fails(
    start_server: Callable[..., Server], recorder: Shim, level: str
) -> None:
    server = start_server(
        command=("-m", "tests.faults.launcher", level), environ=recorder.environ, **SETTINGS
    )
    order = flush_order(server, recorder, 100)
    assert len(order.early) > len(order.answered) / 2


@pytest.mark.parametrize(
    "failing",
    [{"log": errno.EIO}, pytest.param({"database": errno.EIO}, marks=pytest.mark.long)],
    ids=["at a commit", "at a checkpoint"],
)
def test_a_disk_that_cannot_flush_ends_the_server_and_nothing_is_lost(
    start_server: Callable[..., Server], shim: Shim, failing: dict[str, int], figure: Callable[[str], None]
) -> None:
    first = start_server(environ=shim.environ, **SETTINGS)
    with Trial(first.url) as trial:
        trial.watch()
        trial.write(sockets=6, http=2)
        trial.until_acknowledged(50)
        shim.fail_flushes(**failing)
        assert first.process.wait(timeout=60) == 1
        trial.place.move(None)
        history = trial.history
        unanswered = history.versions.keys() - history.certain.keys()

        second = start_server(**SETTINGS)
        trial.reader.url = second.url
        stored = {message["client_id"] for message in trial.read()}
        figure(f"of {len(unanswered)} unanswered messages {len(unanswered & stored)} were there afterwards")
        trial.moved(second.url)
        trial.until_acknowledged(50)
        assert trial.end() == Counter()
    first.kill()  # it has ended; this is to have all it said
    assert "CRITICAL porch.engines.writing.writer: the writer stopped" in "".join(first.output)
