"""The last gap is closed here: how far each chat was told in this process, beside where its log stands.

The database is asked every two seconds, whether anything was lost or not. So it makes no difference what went
wrong on the way, and when Redis goes or comes back nobody has more to do than before.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable

from porch.engines.rounds import Rounds

log = logging.getLogger(__name__)

EVERY = 2.0  # seconds between two looks at all chats, more or less, so that processes do not ask in step
GRACE = 0.4  # seconds that what was stored may be on its way


class Heads:
    """`read` gives the heads of chats from the database, `chats` those that somebody is in here; `tell` is
    called with a chat and its head where something was not heard.
    """

    def __init__(
        self,
        *,
        read: Callable[[list[int]], Iterable[tuple[int, int]]],
        chats: Callable[[], set[int]],
        tell: Callable[[int, int], None],
    ) -> None:
        self._read = read
        self._chats = chats
        self._tell = tell
        self._passed: dict[int, int] = {}
        self._joined: set[int] = set()
        self._lock = threading.Lock()
        self._due = 0.0
        self._wake = threading.Event()
        self._stopping = False
        self._rounds = Rounds(log, "the heads of rooms could not be read")

    def passed(self, chat_id: int, rev: int) -> None:
        """This rev of a chat was told here. Without the lock, to be quick: where two threads meet, a head is
        told once more.
        """
        if rev > self._passed.get(chat_id, 0):
            self._passed[chat_id] = rev

    def joined(self, chat_id: int) -> None:
        """From now on this chat is heard: what was said since somebody entered is asked for at once."""
        with self._lock:
            self._joined.add(chat_id)
        self._wake.set()

    def look_soon(self) -> None:
        """Something may have been lost in any chat."""
        self._due = 0.0
        self._wake.set()

    def work(self) -> None:
        """Look again and again, until it is stopped."""
        while not self._stopping:
            self._wake.wait(max(0.0, self._due - time.monotonic()))
            self._wake.clear()
            self._rounds.run(self.look)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def look(self) -> None:
        with self._lock:
            joined, self._joined = self._joined, set()
        is_due = time.monotonic() >= self._due
        if is_due:
            self._due = time.monotonic() + EVERY * random.uniform(0.85, 1.15)  # noqa: S311  # no secret
        self._tell_late(self._late(joined))
        if not is_due:
            return
        chats = self._chats()
        self._passed = {chat_id: rev for chat_id, rev in self._passed.copy().items() if chat_id in chats}
        late = self._late(chats)
        if late:
            time.sleep(GRACE)
            self._tell_late(late)

    def _late(self, chats: set[int]) -> dict[int, int]:
        return {chat_id: rev for chat_id, rev in self._read(list(chats)) if self._is_late(chat_id, rev)}

    def _tell_late(self, late: dict[int, int]) -> None:
        for chat_id, rev in late.items():
            if self._is_late(chat_id, rev):
                self.passed(chat_id, rev)
                self._tell(chat_id, rev)

    def _is_late(self, chat_id: int, rev: int) -> bool:
        return rev > self._passed.get(chat_id, 0)
