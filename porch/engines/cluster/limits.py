"""Limits that hold over all processes: kept in Redis, by its clock. While it is away each process keeps its
own.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

from porch.engines.cluster.line import Line, Unreachable
from porch.engines.limits.limiter import Limiter
from porch.engines.limits.throttle import HALF_LIFE, LocalFailures
from porch.values import Rate

# The time, and `at`, since when what KEYS[1] holds is so: not later, though the clock was set back meanwhile.
SINCE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local at = tonumber(redis.call('HGET', KEYS[1], 'at')) or now
if at > now then
    at = now
    redis.call('HSET', KEYS[1], 'at', string.format('%.6f', now))
end
"""
# A token bucket: takes ARGV[3] tokens (a negative number gives), or answers in how many seconds there are so
# many. A bucket that is full again is as good as none, and goes by itself.
BUCKET = f"""{SINCE}
local burst, pace, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = tonumber(redis.call('HGET', KEYS[1], 'tokens'))
local tokens = math.min(burst, (kept or burst) + (now - at) * pace)
if tokens < wanted then return tostring((wanted - tokens) / pace) end
tokens = math.min(burst, tokens - wanted)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / pace * 1000) + 1)
return '0'
"""
# A count that fades by half in ARGV[1] seconds: adds ARGV[2] and answers what it is.
FADING = f"""{SINCE}
local count = (tonumber(redis.call('HGET', KEYS[1], 'count')) or 0) * 0.5 ^ ((now - at) / ARGV[1])
if tonumber(ARGV[2]) > 0 then
    count = count + ARGV[2]
    redis.call('HSET', KEYS[1], 'count', tostring(count), 'at', string.format('%.6f', now))
    redis.call('EXPIRE', KEYS[1], ARGV[3])
end
return tostring(count)
"""


class SharedLimiter(Limiter):
    """`rates` are those of Limiter. A bucket in Redis goes by itself a moment after it is full again."""

    def __init__(self, line: Line, rates: Mapping[str, Rate | None]) -> None:
        super().__init__(rates)
        self._line = line
        self._script = line.script(BUCKET)

    def _take(self, rate: Rate, kind: str, key: Hashable, wanted: int) -> float:
        try:
            return self._ask(rate, kind, key, wanted)
        except Unreachable:
            return super()._take(rate, kind, key, wanted)

    def _give(self, rate: Rate, kind: str, key: Hashable) -> None:
        try:
            self._ask(rate, kind, key, -1)
        except Unreachable:
            super()._give(rate, kind, key)

    def _empty(self, kind: str, key: Hashable) -> None:
        self._line.tell("DEL", _bucket(kind, key))
        super()._empty(kind, key)

    def _ask(self, rate: Rate, kind: str, key: Hashable, wanted: int) -> float:
        name = _bucket(kind, key)
        return float(self._line.ask("EVALSHA", self._script, 1, name, rate.burst, rate.per_second, wanted))


class SharedFailures(LocalFailures):
    """`kind` tells these counts from others."""

    def __init__(self, line: Line, kind: str) -> None:
        super().__init__()
        self._line = line
        self._kind = kind
        self._script = line.script(FADING)

    def of(self, key: bytes) -> float:
        try:
            return self._ask(key, 0)
        except Unreachable:
            return super().of(key)

    def add(self, key: bytes) -> None:
        try:
            self._ask(key, 1)
        except Unreachable:
            super().add(key)

    def forget(self, key: bytes) -> None:
        self._line.tell("DEL", self._name(key))
        super().forget(key)

    def _ask(self, key: bytes, added: int) -> float:
        lasts = math.ceil(10 * HALF_LIFE)  # then a thousandth is left
        name = self._name(key)
        return float(self._line.ask("EVALSHA", self._script, 1, name, HALF_LIFE, added, lasts))

    def _name(self, key: bytes) -> str:
        return f"porch:failures:{self._kind}:{key.hex()}"


def _bucket(kind: str, key: Hashable) -> str:
    return f"porch:limit:{kind}:{key}"
