"""What a site of any size would take, from what single things cost, and what breaks first on the way.

    python3 bench/model.py            # prints the tables
    python3 bench/model.py --write    # puts them into docs/scaling.md

Nothing is measured here. The figures stand in FIGURES; everything else follows from them.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.room_queue import lags  # noqa: E402  # the path had to come first
from bench.tables import table, with_section  # noqa: E402

DOCUMENT = ROOT / "docs" / "scaling.md"
MEASURED, ASSUMED = "measured", "assumed"
REDIS = "Redis's core"


class Figure(NamedTuple):
    value: float
    unit: str
    what: str
    known: str = MEASURED


FIGURES = {
    "send": Figure(4.7, "us", "a client's share of a fan-out, in a room of a hundred"),
    "crowd": Figure(8.5, "us", "the same, in a room of thousands"),
    "event": Figure(0.4, "us", "each further event in the same `send`"),
    "message": Figure(100, "us", "a message that is taken, stored and acknowledged; 16 senders"),
    "rest": Figure(2.8, "us/s", "a connection on which nothing happens: pings"),
    "connect": Figure(164, "us", "a client that connects"),
    "memory": Figure(6.2, "KB", "an idle connection, in the process"),
    "kernel": Figure(4, "KB", "the same, in the kernel", ASSUMED),
    "frame": Figure(450, "bytes", "a message on the wire, with TCP and IP", ASSUMED),
    "receive": Figure(110, "us", "an event that a process gets from another by Redis"),
    "publish": Figure(15, "us", "of Redis's one core, for each process that gets an event"),
    "stored": Figure(600, "bytes", "a message in the database, with its indexes", ASSUMED),
}
# What one of a thing can do.
CORE = 0.6  # of a core that may be busy, so that bursts find room
FILES = 65_000  # connections of a process: its open files
PORTS = 28_000  # connections from one address of a proxy to one of Porch: Linux's local ports
NIC = 10e9 / 8 * CORE  # bytes a second, of 10 Gbit/s
WRITES = 20_000  # rows a second of one PostgreSQL, by several processes that share their commits; assumed
# A site of people who talk: each says so much in an hour, to so many who are in the room.
SAID, ROOM = 6, 50
SITES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
ROOMS = (1_000, 10_000, 100_000, 1_000_000)


def us(name: str) -> float:
    """Seconds of what is given in microseconds."""
    return FIGURES[name].value / 1e6


class Site(NamedTuple):
    """`together`: whoever is in a room is connected to the same process, as far as one can hold the room."""

    connections: int
    together: bool = False
    said: float = SAID

    @property
    def messages(self) -> float:
        return self.connections * self.said / 3600

    @property
    def deliveries(self) -> float:
        return self.messages * ROOM

    def met(self, processes: int) -> float:
        """How many processes a message of one room concerns."""
        if self.together or processes == 1:
            return 1
        return processes * (1 - (1 - 1 / processes) ** ROOM)

    def cores(self, processes: int) -> float:
        received = self.messages * (self.met(processes) - 1)
        return (
            self.connections * us("rest")
            + self.deliveries * us("send")
            + self.messages * us("message")
            + received * us("receive")
        )

    @property
    def processes(self) -> int:
        """As many as it takes; more of them have more to tell each other."""
        least = math.ceil(self.connections / FILES)
        while self.cores(least) > least * CORE:
            least += max(1, least // 50)
        return least

    @property
    def memory(self) -> float:
        return self.connections * (FIGURES["memory"].value + FIGURES["kernel"].value) * 1000

    def needs(self) -> Iterator[tuple[str, float]]:
        """What it takes, as a multiple of what one of a kind can do."""
        processes = self.processes
        published = self.messages * self.met(processes) if processes > 1 else 0
        yield "a core", self.cores(processes) / CORE
        yield "open files", self.connections / FILES
        yield "a proxy's ports", self.connections / PORTS
        yield REDIS, published * us("publish") / CORE
        yield "PostgreSQL", self.messages / WRITES
        yield "the network card", self.deliveries * FIGURES["frame"].value / NIC


def limits() -> str:
    """With how many connections one of each is used up, the first first; and if ten times as much is said."""
    found = {name: [_most(name, said) for said in (SAID, 10 * SAID)] for name, _ in Site(1).needs()}
    rows = [
        [name, *(f"{most:,}" for most in found[name])] for name in sorted(found, key=lambda name: found[name])
    ]
    return table(["one of", "connections", "if people say ten times as much"], rows)


def _most(name: str, said: float) -> int:
    """To two digits, downwards."""
    most, step = 0, 2**30
    while step:
        if dict(Site(most + step, said=said).needs())[name] <= 1:
            most += step
        step //= 2
    size: int = 10 ** max(0, len(str(most)) - 2)
    return most // size * size


def sites(*, together: bool) -> str:
    head = [
        "connections",
        "deliveries/s",
        "messages/s",
        "processes",
        "memory",
        "a day's log",
        "network",
        "Redis cores",
        "more than one of",
    ]
    rows = []
    for connections in SITES:
        site = Site(connections, together)
        needs = dict(site.needs())
        over = [f"{name} ({_times(number)})" for name, number in needs.items() if number > 1]
        network = site.deliveries * FIGURES["frame"].value * 8 / 1e9
        rows.append(
            [
                f"{connections:,}",
                f"{site.deliveries:,.0f}",
                f"{site.messages:,.0f}",
                f"{site.processes:,}",
                _bytes(site.memory),
                _bytes(site.messages * FIGURES["stored"].value * 86400),
                f"{network:.2g} Gbit/s",
                f"{needs[REDIS] * CORE:.2g}",
                ", ".join(over) or "nothing",
            ]
        )
    return table(head, rows)


def large_rooms() -> str:
    """One room, one message: until the last has it, and how many messages a second are carried."""
    head = [
        "in the room",
        "processes",
        "CPU a message",
        "until the last has it",
        "a message moves",
        "most messages/s",
    ]
    rows = []
    for people in ROOMS:
        for processes in dict.fromkeys((math.ceil(people / FILES), max(1, people // 5_000))):
            here = people / processes
            rows.append(
                [
                    f"{people:,}",
                    f"{processes:,}",
                    f"{people * us('crowd'):.2f} s",
                    f"{here * us('crowd') * 1000 + processes * us('publish') * 1000:,.0f} ms",
                    _bytes(people * FIGURES["frame"].value),
                    f"{CORE / (here * us('event')):,.0f}",
                ]
            )
    return table(head, rows)


def waiting() -> str:
    """The lag of one process's part of a room, by how many it has and how fast people write."""
    rates = (1, 5, 20, 50)
    head = ["of the room here", *(f"{rate} messages/s" for rate in rates)]
    rows = []
    for here in (1_000, 5_000, 20_000, 65_000):
        cells = []
        for rate in rates:
            if rate * here * us("event") >= 1:
                cells.append("falls behind")
                continue
            median, late = lags(here * us("crowd"), here * us("event"), rate)
            cells.append(f"{_seconds(median)}, {_seconds(late)}")
        rows.append([f"{here:,}", *cells])
    return table(head, rows)


def returning() -> str:
    """Everybody comes back at once, after a restart or a cut."""
    rows = []
    for connections in SITES:
        processes = Site(connections).processes
        spent = connections * us("connect")
        rows.append([f"{connections:,}", f"{processes:,}", f"{spent:,.0f} s", f"{spent / processes:,.0f} s"])
    return table(["connections", "processes", "CPU", "until all are back, at full load"], rows)


def figures() -> str:
    rows = [[one.what, f"{one.value:g} {one.unit}", one.known] for one in FIGURES.values()]
    return table(["", "figure", ""], rows)


def sections() -> dict[str, str]:
    return {
        "figures": figures(),
        "limits": limits(),
        "sites": sites(together=False),
        "sites together": sites(together=True),
        "large rooms": large_rooms(),
        "lag": waiting(),
        "returning": returning(),
    }


def document() -> str:
    """docs/scaling.md as it has to be."""
    text = DOCUMENT.read_text()
    for name, section in sections().items():
        text = with_section(text, f"bench/model: {name}", section)
    return text


def _times(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"


def _bytes(number: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f} bytes"


def _seconds(number: float) -> str:
    return f"{number:.1f} s" if number >= 1 else f"{number * 1000:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/scaling.md")
    if parser.parse_args().write:
        DOCUMENT.write_text(document())
        return
    for name, section in sections().items():
        print(f"\n{name}\n\n{section}")


if __name__ == "__main__":
    main()
