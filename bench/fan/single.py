"""What one thing costs a server: a connection, an event, a stored message, an empty poll."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.fan.processes import Generator
from bench.fan.ways import Echo, Node, Porch, Stock, Way, entering, event, joining, said_in

WRITERS = 16
CALLS = 300  # of a turn
TURNS = 3  # of a round: each is so short that a moment's disturbance is much of it
FEW = 20  # connections


class Single(NamedTuple):
    """One thing that was measured of one way; `unit` is us of CPU, or KB."""

    what: str
    way: str
    unit: str
    cost: float


def singles(ways: Sequence[type[Way]], connections: int, rounds: int, folder: Path) -> list[Single]:
    found = []
    for kind in (Node, Stock, Porch):
        if kind not in ways:
            continue
        way = kind(folder / f"{kind.__name__}-single")
        with way.server:
            found += _connections(way, connections, rounds)
            found.append(_of(way, "an event with its acknowledgement", rounds, event("ask", {}, "1")))
            if isinstance(way, Porch):
                found += _of_porch(way, rounds)
                found.append(_of_nothing(folder, rounds))
    return found


def _connections(way: Way, connections: int, rounds: int) -> list[Single]:
    """A few first: what is allocated once is no connection's. Many would leave memory that is used again."""
    costs = []
    scripts = [way.connecting(number) for number in range(connections)]
    with Generator(way.plan(scripts[:FEW], [])):
        pass
    way.server.settle()
    before = way.server.memory()
    with Generator(way.plan(scripts, [])):
        way.server.settle()
        grown = (way.server.memory() - before) / connections
    for _ in range(rounds):
        way.server.settle()
        with way.server.spending() as spent:
            generator = Generator(way.plan(scripts[:CALLS], []))
        with generator:
            costs.append(spent.seconds / CALLS)
    way.server.settle()
    return [
        Single("connecting", way.name, "us", statistics.median(costs) * 1e6),
        Single("an idle connection", way.name, "KB", grown / 1000),
    ]


def _of(way: Way, what: str, rounds: int, frame: str) -> Single:
    with Generator(way.plan([], [way.connecting(0)])) as generator:

        def ask() -> None:
            generator.run(event=frame, messages=CALLS, window=1, senders=1, each=0, answers=1)

        return _measure(way, what, rounds, ask)


def _of_porch(way: Porch, rounds: int) -> list[Single]:
    """Only what is Porch's own."""
    chat = way.chat(WRITERS + 1)
    typing = event("typing", {"chat_id": chat["id"]}, "1")
    found = [_of(way, "`typing`, with its acknowledgement", rounds, typing)]
    one = joining(way.connecting(WRITERS), entering(chat))
    writers = [way.connecting(number) for number in range(WRITERS)]
    with Generator(way.plan([one], writers)) as generator:

        def write() -> None:
            generator.run(
                event=said_in(chat), messages=CALLS, window=WRITERS, senders=WRITERS, each=1, answers=1
            )

        found.append(_measure(way, f"a stored message end to end, {WRITERS} senders", rounds, write))
    head = way.get(f"/chats/{chat['id']}/", way.tokens[0])["rev"]
    empty = f"/chats/{chat['id']}/messages?after={head}"
    # A poll that may wait is not one that the short way takes.
    found.append(_asking(way, "an empty poll by HTTP", rounds, empty))
    found.append(_asking(way, "the same through Flask", rounds, f"{empty}&wait=0"))
    found.append(_asking(way, "a request for nothing, the HTTP server alone", rounds, "/bare"))
    return found


def _of_nothing(folder: Path, rounds: int) -> Single:
    """What is sent looks like an answer, since it is one, and is as long as a poll."""
    way = Echo(folder / "echo")
    with way.server:
        found = _polling(way, "an echo, the event loop alone", rounds, f"HTTP/1.1 200 OK\r\n{'x' * 120}")
    return found._replace(way=Porch.name)


def _asking(way: Porch, what: str, rounds: int, path: str) -> Single:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{way.server.port}\r\n"
        f"Authorization: Bearer {way.tokens[0]}\r\n\r\n"
    )
    return _polling(way, what, rounds, request)


def _polling(way: Way, what: str, rounds: int, request: str) -> Single:
    with Generator(way.plan([], [])) as generator:
        return _measure(way, what, rounds, lambda: generator.poll(request=request, times=CALLS))


def _measure(way: Way, what: str, rounds: int, call: Callable[[], None]) -> Single:
    """CPU of one of CALLS, the median of all turns after one that is not counted."""
    call()
    costs = []
    for _ in range(TURNS * rounds):
        with way.server.spending() as spent:
            call()
        costs.append(spent.seconds / CALLS)
    return Single(what, way.name, "us", statistics.median(costs) * 1e6)
