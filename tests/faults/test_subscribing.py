"""Entering a room while people write in it: nothing falls between the page and the first push."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.clients import Client
from tests.faults.conftest import SETTINGS
from tests.faults.lines import Line
from tests.faults.trial import Trial
from tests.support.people import Guest, Json
from tests.support.server import Server

RACERS = 4
OLD = 20  # how far behind the head a cursor may be; with what comes meanwhile it is less than a page
SEAM = 2  # pushes that are looked at after a page


class Racer(Client):
    """Enters and leaves a room, so many times; `holes` are the times when something was missing."""

    def __init__(self, guest: Guest, chat: Json, times: int) -> None:
        super().__init__(guest.username)
        assert guest.token is not None
        self._url, self._token, self._chat = guest.url, guest.token, chat
        self._times = times
        self._random = random.Random(guest.username)
        self._head = 0
        self.entered = 0
        self.holes: list[str] = []

    def work(self) -> None:
        while self.entered < self._times:
            with Line(self._url, self._token, timeout=20) as line:
                for _ in range(min(25, self._times - self.entered)):
                    self._race(line)
                    self.entered += 1

    def _race(self, line: Line) -> None:
        after = max(0, self._head - self._random.randrange(OLD))
        line.events.clear()  # of the visit before
        page = line.call("enter", {"chat_id": self._chat["id"], "after": after})
        while page["more"]:  # the first time
            after = page["rev"]
            page = line.call("enter", {"chat_id": self._chat["id"], "after": after})
        revs = [message["rev"] for message in page["messages"]]
        while len(revs) == 0 or revs[-1] < page["rev"] + SEAM:
            name, data = line.next_event()
            if name == "message" and data["rev"] > max([page["rev"], *revs]):
                revs.append(data["rev"])
        if revs != list(range(after + 1, revs[-1] + 1)):
            self.holes.append(f"after {after} a page to {page['rev']}, in all {revs}")
        self._head = revs[-1]
        line.call("leave", {"chat_id": self._chat["id"]})


@pytest.mark.parametrize(
    ("times", "senders"),
    [
        pytest.param(160, 8, id="short"),
        pytest.param(10_000, 24, id="long", marks=[pytest.mark.long, pytest.mark.timeout(1_200)]),
    ],
)
def test_who_enters_during_writes_misses_nothing(
    start_server: Callable[..., Server], times: int, senders: int, figure: Callable[[str], None]
) -> None:
    with Trial(start_server(**SETTINGS).url) as trial:
        trial.write(sockets=senders, pause=0.02)
        trial.until_acknowledged(50)
        racers = [Racer(trial.somebody(), trial.chat, -(-times // RACERS)).start() for _ in range(RACERS)]
        before, began = trial.acknowledged, time.monotonic()
        for racer in racers:
            racer.join(within=60 + times / 10)
        rate = (trial.acknowledged - before) / (time.monotonic() - began)
        holes = [hole for racer in racers for hole in racer.holes]
        figure(
            f"entered {sum(r.entered for r in racers)} times during {rate:.0f} messages/s: {len(holes)} holes"
        )
        assert holes == []
        assert trial.end() == Counter()
