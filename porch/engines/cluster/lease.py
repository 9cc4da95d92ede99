"""Work that one process does for all: whoever holds the lease."""

from __future__ import annotations

from porch.engines.cluster.line import Line, Unreachable

LASTS = 5_000  # milliseconds, from the last time that its holder asked

# Takes the lease if it is free, or renews it; answers whether ARGV[1] has it.
HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
LET_GO = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Lease:
    """It saves work, and protects nothing: a process may be stopped while it works, and another begin. So
    what it is asked for has to be right also when two do it at once; while Redis is away all of them do.
    """

    def __init__(self, line: Line, holder: str, name: str) -> None:
        self._line = line
        self._holder = holder
        self._name = f"porch:lease:{name}"
        self._hold = line.script(HOLD)
        self._let_go = line.script(LET_GO)

    def is_ours(self) -> bool:
        try:
            return bool(self._line.ask("EVALSHA", self._hold, 1, self._name, self._holder, LASTS))
        except Unreachable:
            return True

    def let_go(self) -> None:
        """Let another process have it at once."""
        self._line.tell("EVALSHA", self._let_go, 1, self._name, self._holder)
