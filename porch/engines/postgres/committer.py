"""The writer's connection to PostgreSQL: made for the first write, and again when it was lost."""

from __future__ import annotations

from collections.abc import Sequence

from porch.engines.postgres.connection import connect, is_database_error, is_rolled_back
from porch.engines.postgres.hearing import Hearing
from porch.engines.postgres.transactions import Transactions
from porch.engines.reading.memory import Memory
from porch.engines.writing.writes import Outcome, Write

# Of a transaction that was rolled back because it and another one waited for each other.
ATTEMPTS = 3


class PostgresCommitter:
    """A `Committer`. What PostgreSQL has rolled back for others' sake is tried ATTEMPTS times in all."""

    def __init__(self, url: str, lock_timeout: int, memory: Memory) -> None:
        self._url = url
        self._lock_timeout = lock_timeout
        self._memory = memory
        self._hearing = Hearing(url, lock_timeout, memory)
        self._transactions: Transactions | None = None

    def commit(self, writes: Sequence[Write]) -> Outcome:
        for _ in range(ATTEMPTS - 1):
            try:
                return self._attempt(writes)
            except Exception as error:
                if not is_rolled_back(error):
                    raise
        return self._attempt(writes)

    def others_wrote(self) -> bool:
        try:
            return self._connected().others_wrote()
        except Exception as error:
            self._hang_up()
            if not is_database_error(error):
                raise
            return False  # whoever connects again says so

    def tidy(self) -> None:
        """PostgreSQL does that by itself."""

    def close(self) -> None:
        self._memory.close()
        self._hang_up()

    def _hang_up(self) -> None:
        transactions, self._transactions = self._transactions, None
        if transactions is not None:
            transactions.close()

    def _attempt(self, writes: Sequence[Write]) -> Outcome:
        transactions = self._connected()
        try:
            return transactions.commit(writes)
        finally:
            if transactions.is_lost:
                self._hang_up()

    def _connected(self) -> Transactions:
        if self._transactions is None:
            self._transactions = Transactions(connect(self._url, self._lock_timeout), self._hearing)
        return self._transactions
