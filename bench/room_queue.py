"""Messages that come by chance, and a process that serves a room: how late the last client gets each.

As in porch/realtime/fanout.py, what comes while a room is being served waits, and goes out together then.
"""

from __future__ import annotations

import random
import statistics

MESSAGES = 4_000  # of one run
SEED = 20


def lags(send: float, event: float, rate: float) -> tuple[float, float]:
    """Median and 99th of 100 of the seconds from a message until the last client has it.

    `send` are the seconds that one event takes for all clients, `event` those of each further one that goes
    with it, `rate` the messages a second.
    """
    chance = random.Random(SEED)  # noqa: S311  # the same tables every time
    arrivals, now = [], 0.0
    for _ in range(MESSAGES):
        now += chance.expovariate(rate)
        arrivals.append(now)
    found, free, next_ = [], 0.0, 0
    while next_ < MESSAGES:
        begin = max(free, arrivals[next_])
        end = next_ + 1
        while end < MESSAGES and arrivals[end] <= begin:
            end += 1
        free = begin + send + event * (end - next_ - 1)
        found += [free - arrival for arrival in arrivals[next_:end]]
        next_ = end
    return statistics.median(found), statistics.quantiles(found, n=100)[98]
