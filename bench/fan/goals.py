"""What is asked of Porch: at most so many times what others take, or so much."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench.fan.rounds import Costs
from bench.fan.single import Single
from bench.fan.ways import Node, Porch, Raw

# By pattern: the other way, and at most how many times what it takes, by receivers.
FAN_OUT = {
    "one in flight": (
        (Raw.name, {100: 1.4, 1_000: 1.4, 5_000: 1.4}),
        (Node.name, {100: 0.8, 1_000: 0.65, 5_000: 0.5}),
    ),
    "eight in flight": (
        (Raw.name, {100: 0.4, 1_000: 0.4, 5_000: 0.4}),
        (Node.name, {100: 0.25, 1_000: 0.25, 5_000: 0.25}),
    ),
}
SINGLE = {
    "an idle connection": 7.0,
    "connecting": 300.0,
    "an event with its acknowledgement": 50.0,
    "a stored message end to end, 16 senders": 200.0,
    "an empty poll by HTTP": 60.0,
}


class Goal(NamedTuple):
    name: str
    most: float
    measured: float
    unit: str

    @property
    def is_met(self) -> bool:
        return self.measured <= self.most


def fan_out_goals(costs: Costs) -> Iterator[Goal]:
    """Those of sizes and ways that were measured."""
    for pattern, others in FAN_OUT.items():
        for other, limits in others:
            for size, most in limits.items():
                if {(pattern, size, other), (pattern, size, Porch.name)} <= costs.keys():
                    rounds = zip(costs[pattern, size, Porch.name], costs[pattern, size, other], strict=True)
                    ratio = statistics.median(ours / theirs for ours, theirs in rounds)
                    yield Goal(f"{pattern}, {size:,} receivers", most, ratio, f"times {other}")


def connection_goals(singles: Sequence[Single]) -> Iterator[Goal]:
    for one in singles:
        if one.way == Porch.name and one.what in SINGLE:
            yield Goal(one.what, SINGLE[one.what], one.cost, one.unit)
