"""Fan-out in rounds: all ways at once, in turn, in each pattern of sending."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench.fan.processes import Generator
from bench.fan.ways import Way


class Pattern(NamedTuple):
    """At most `window` messages under way, by so many senders; `messages` in a round, for each size."""

    window: int
    senders: int
    messages: dict[int, int]


PATTERNS = {
    "one in flight": Pattern(1, 1, {100: 150, 1_000: 15, 5_000: 4}),
    "eight in flight": Pattern(8, 1, {100: 400, 1_000: 40, 5_000: 16}),
    "fifty senders": Pattern(50, 50, {100: 400, 1_000: 50, 5_000: 50}),
}
WARM = 3  # rounds have so many times the messages of what goes before them, unmeasured

# Microseconds a delivery in each round, by pattern, receivers and way.
Costs = dict[tuple[str, int, str], list[float]]


def fan_out(ways: Sequence[type[Way]], size: int, rounds: int, folder: Path, failures: list[str]) -> Costs:
    """What fails is named in `failures`, and has no costs of this size."""
    costs: Costs = {}
    with ExitStack() as stack:
        running: list[tuple[Way, Generator]] = []
        for kind in ways:
            way = kind(folder / f"{kind.__name__}-{size}")
            stack.enter_context(way.server)
            running.append((way, stack.enter_context(Generator(way.room(size)))))
            print(f"{size:,} receivers are connected to {way.name}.", file=sys.stderr, flush=True)
        for turn in range(rounds + 1):
            for name, pattern in PATTERNS.items():
                messages = pattern.messages[size] if turn else pattern.messages[size] // WARM
                for way, generator in tuple(running):
                    try:
                        with way.server.spending() as spent:
                            say(way, generator, pattern, messages, size)
                    except RuntimeError as error:
                        failures.append(f"{way.name} with {size:,} receivers: {error}")
                        running.remove((way, generator))
                        costs = {key: cost for key, cost in costs.items() if key[2] != way.name}
                        continue
                    if turn:
                        each = spent.seconds / (messages * size) * 1e6
                        costs.setdefault((name, size, way.name), []).append(each)
        for way, generator in running:
            print(f"{way.name}: the generator took {generator.share:.0%} of its core.", file=sys.stderr)
    return costs


def say(way: Way, generator: Generator, pattern: Pattern, messages: int, size: int) -> None:
    """Have so many messages delivered to everybody."""
    generator.run(
        event=way.say,
        messages=messages,
        window=pattern.window,
        senders=pattern.senders,
        each=size - way.among,
        answers=way.answers + way.among,
    )
