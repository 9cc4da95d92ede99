"""What is done again and again, and what the log is told when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable

from porch.errors import RetryLater


class Rounds:
    """Each failure is logged with its traceback; that the database is away is logged once, in a line, until a
    round goes well: it may be away for hours.
    """

    def __init__(self, log: logging.Logger, words: str) -> None:
        self._log = log
        self._words = words
        self._is_away = False

    def run(self, what: Callable[[], object]) -> None:
        try:
            what()
        except RetryLater as error:
            if not self._is_away:
                self._log.error("%s, and waits: %s", self._words, error.cause)
            self._is_away = True
        except Exception:  # noqa: BLE001  # the next time may go well
            self._log.exception("%s", self._words)
        else:
            self._is_away = False
