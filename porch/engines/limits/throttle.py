"""Slowing down whoever guesses passwords: a delay that grows, never a door that is shut.

A guess waits by the failures before it, counted for the account as tried from one network, and less for
the account as tried from everywhere: so a stranger far away costs the owner a second at most. Accounts that
do not exist are treated alike. What a network may fail over all accounts is for the limiter.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from porch.errors import RetryLater, TooFast
from porch.texts import lazy_gettext

FREE = 5  # failures without any delay
FIRST_DELAY = 0.25  # seconds; doubles with each failure up to one of the two below
LONGEST_DELAY = 4.0  # for an account from one network
LONGEST_DELAY_EVERYWHERE = 1.0  # for an account from all networks together
HALF_LIFE = 600.0  # seconds after which half of the failures are forgotten
MOST_WAITING = 10  # for one account from one network
# Counts kept at once in each of the two tables; the one that was used longest ago goes first.
COUNTS = 50_000


@dataclass(slots=True)
class Attempt:
    """One guess. It counts as a failure unless it is said to have succeeded."""

    is_right: bool = False

    def succeeded(self) -> None:
        self.is_right = True


@dataclass(slots=True)
class _Queue:
    """Who tries one account from one network. Lives while there is somebody in it."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    people: int = 0


class Failures(Protocol):
    """How often something failed lately; each count fades."""

    def of(self, key: bytes) -> float: ...
    def add(self, key: bytes) -> None: ...
    def forget(self, key: bytes) -> None: ...


class Throttle:
    """`clock` gives seconds that only grow; `sleep` waits so many, and lets others go on meanwhile.
    `from_one` and `from_everywhere` count failures from one network and from all.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        *,
        from_one: Failures | None = None,
        from_everywhere: Failures | None = None,
    ) -> None:
        self._sleep = sleep
        self._lock = threading.Lock()
        self._from_one = from_one or LocalFailures(clock)
        self._from_everywhere = from_everywhere or LocalFailures(clock)
        self._queues: dict[bytes, _Queue] = {}

    @contextmanager
    def attempt(self, account: str, network: str) -> Iterator[Attempt]:
        """Wait as long as this guess has to, then let it be checked in the block.

        `account` is the name as it was typed, in the form by which accounts are told apart. Guesses at one
        account from one network are checked one after another. What leaves the block by RetryLater was not
        checked and does not count. Raises TooFast when MOST_WAITING others wait already.
        """
        everywhere, pair = self._key(account), self._key(account, network)
        with self._turn(pair):
            delay = self._delay(pair, everywhere)
            if delay > 0:
                self._sleep(delay)
            attempt, was_checked = Attempt(), True
            try:
                yield attempt
            except RetryLater:
                was_checked = False
                raise
            finally:
                if was_checked:
                    self._count(pair, everywhere, attempt)

    @contextmanager
    def _turn(self, pair: bytes) -> Iterator[None]:
        with self._lock:
            queue = self._queues.get(pair) or _Queue()
            if queue.people > MOST_WAITING:  # one has its turn, the others wait
                delay = max(1.0, _delay(self._from_one.of(pair), LONGEST_DELAY))
                raise TooFast(
                    lazy_gettext(
                        "Somebody is trying to log in to this account from here. Wait a moment and try again."
                    ),
                    retry_after=queue.people * delay,
                )
            queue.people += 1
            self._queues[pair] = queue
        try:
            with queue.turn:
                yield
        finally:
            with self._lock:
                queue.people -= 1
                if not queue.people:
                    del self._queues[pair]

    def _delay(self, pair: bytes, everywhere: bytes) -> float:
        return max(
            _delay(self._from_one.of(pair), LONGEST_DELAY),
            _delay(self._from_everywhere.of(everywhere), LONGEST_DELAY_EVERYWHERE),
        )

    def _count(self, pair: bytes, everywhere: bytes, attempt: Attempt) -> None:
        if attempt.is_right:
            self._from_one.forget(pair)
        else:
            self._from_one.add(pair)
            self._from_everywhere.add(everywhere)

    def _key(self, *parts: str) -> bytes:
        """Short, however long a name was typed."""
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=16).digest()


class LocalFailures:
    """Counted in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def of(self, key: bytes) -> float:
        count, since = self._counts.get(key, (0.0, 0.0))
        return count * 0.5 ** ((self._clock() - since) / HALF_LIFE) if count else 0.0

    def add(self, key: bytes) -> None:
        with self._lock:
            self._counts[key] = (self.of(key) + 1, self._clock())
            self._counts.move_to_end(key)
            if len(self._counts) > COUNTS:
                self._counts.popitem(last=False)

    def forget(self, key: bytes) -> None:
        self._counts.pop(key, None)


def _delay(failures: float, longest: float) -> float:
    # Rounded, so that the fifth failure is five although the first has begun to fade.
    beyond = round(failures) - FREE
    return 0.0 if beyond < 0 else min(longest, FIRST_DELAY * math.ldexp(1, min(beyond, 10)))
