"""A full disk, and a database that somebody else has locked: a clear "later", while reading goes on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import skip_or_fail
from tests.faults.conftest import SETTINGS
from tests.faults.small_disk import SmallDisk
from tests.faults.trial import Trial
from tests.support.database import locked
from tests.support.server import Server
from tests.support.waiting import eventually


def everybody_was_put_off(trial: Trial) -> bool:
    return all(sender.later > 0 for sender in trial.senders)


def reading_goes_on(trial: Trial) -> bool:
    """By a page of the log, by the room's page, and by a socket that comes just now."""
    reader = trial.reader
    head = trial.head()
    with reader.socket() as socket:
        entered = socket.enter(trial.chat, after=head)
    page = reader.raw("GET", trial.chat["url"])
    return entered["head"] >= head and page.status_code == 200 and len(trial.read()) >= head


@pytest.mark.sqlite("the disk of SQLite's file")
def test_a_full_disk_puts_writers_off_until_there_is_room(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(SmallDisk(tmp_path / "disk"))
        except OSError as error:
            skip_or_fail(str(error))
            raise
        server = stack.enter_context(Server(disk.path / "data", prefix=disk.prefix, **SETTINGS))
        trial = stack.enter_context(Trial(server.url))
        trial.watch()
        trial.write(sockets=3, http=3)
        trial.until_acknowledged(50)
        disk.fill()
        eventually(lambda: everybody_was_put_off(trial))
        assert reading_goes_on(trial)
        disk.make_room()
        trial.until_acknowledged(50)
        assert trial.unknown == 0
        figure(f"{trial.later} attempts were put off, {trial.acknowledged} acknowledged")
        assert trial.end() == Counter()


@pytest.mark.parametrize(
    ("lock_timeout", "held"),
    [pytest.param(1, 1.5, id="short"), pytest.param(5, 10.0, id="long", marks=pytest.mark.long)],
)
def test_a_locked_database_puts_writers_off_or_delays_them(
    start_server: Callable[..., Server], lock_timeout: int, held: float, figure: Callable[[str], None]
) -> None:
    server = start_server(lock_timeout=lock_timeout, **SETTINGS)
    with Trial(server.url) as trial:
        trial.watch()
        trial.write(sockets=3, http=3)
        trial.until_acknowledged(50)
        with locked(server.data):
            before = trial.acknowledged
            since = time.monotonic()
            assert reading_goes_on(trial)
            time.sleep(max(0.0, held - (time.monotonic() - since)))  # reading may have taken longer
            assert trial.acknowledged <= before + len(trial.senders)  # what was on its way when it came
        trial.until_acknowledged(50)
        assert trial.unknown == 0
        slowest = max(sender.slowest for sender in trial.senders)
        figure(
            f"locked for {held:g} s: {trial.later} put off, the slowest acknowledged after {slowest:.1f} s"
        )
        assert trial.later > 0
        assert trial.end() == Counter()
