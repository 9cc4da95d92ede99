"""The figures of all ways, side by side."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from bench.fan.goals import Goal
from bench.fan.rounds import Costs
from bench.fan.single import Single
from bench.tables import table


def markdown(costs: Costs, singles: Sequence[Single], goals: Sequence[Goal]) -> str:
    return "\n\n".join((_fan_out(costs), _singles(singles), _goals(goals)))


def _fan_out(costs: Costs) -> str:
    columns = list(dict.fromkeys((pattern, size) for pattern, size, _ in costs))
    columns.sort(key=lambda column: [pattern for pattern, _, _ in costs].index(column[0]))
    ways = dict.fromkeys(way for _, _, way in costs)
    return table(
        ["us a delivery", *(f"{pattern}, {size:,}" for pattern, size in columns)],
        [[way, *(_median(costs.get((*column, way))) for column in columns)] for way in ways],
    )


def _median(rounds: Sequence[float] | None) -> str:
    return f"{statistics.median(rounds):.1f}" if rounds else ""


def _singles(singles: Sequence[Single]) -> str:
    ways = dict.fromkeys(one.way for one in singles)
    found = {(one.what, one.way): one for one in singles}
    return table(
        ["", *ways],
        [
            [f"{what}, {unit}", *(_figure(found.get((what, way))) for way in ways)]
            for what, unit in dict.fromkeys((one.what, one.unit) for one in singles)
        ],
    )


def _figure(one: Single | None) -> str:
    if one is None:
        return ""
    return f"{one.cost:.0f}" if one.unit == "us" else f"{one.cost:.1f}"


def _goals(goals: Iterable[Goal]) -> str:
    return table(
        ["goal for Porch", "at most", "measured", ""],
        [
            [
                goal.name,
                f"{goal.most:g} {goal.unit}",
                f"{goal.measured:.0f}" if goal.unit == "us" else f"{goal.measured:.2f}",
                "" if goal.is_met else "missed",
            ]
            for goal in goals
        ],
    )
