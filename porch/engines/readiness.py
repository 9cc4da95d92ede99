"""Whether this process can serve, for what watches over it from outside."""

from __future__ import annotations

import threading
import time

from porch.engines.writing.writer import Transaction, Writer
from porch.errors import RetryLater

# Seconds for which an answer is good, so that asking often costs nothing.
GOOD_FOR = 1.0
# Seconds that the writer may take over nothing.
PATIENCE = 2.0


class Readiness:
    """Asks the writer for a transaction, at most once in GOOD_FOR, however often it is asked itself."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._stopping = False
        self._missing: list[str] = []
        self._until = 0.0
        self._looking = threading.Lock()

    def stop(self) -> None:
        """From now on the process is on its way out."""
        self._stopping = True

    def missing(self) -> list[str]:
        """What is not as it has to be, of `stopping`, `writer` and `database`; nothing when all is well."""
        if self._stopping:
            return ["stopping"]
        with self._looking:
            if time.monotonic() >= self._until:
                self._missing = self._look()
                self._until = time.monotonic() + GOOD_FOR
            return self._missing

    def _look(self) -> list[str]:
        """A transaction that changes nothing takes the lock for writing, as every write does, and flushes
        nothing.
        """
        try:
            self._writer.submit(_nothing, tells_all=True).result(PATIENCE)
        except RetryLater:
            return ["writer" if self._writer.has_failed else "database"]
        except TimeoutError:
            return ["writer"]
        return []


def _nothing(_transaction: Transaction) -> None:
    pass
