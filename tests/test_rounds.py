"""What is done again and again: its failures in the log."""

from __future__ import annotations

import logging

import pytest

from porch.engines.rounds import Rounds
from porch.errors import RetryLater


def well() -> None:
    pass


def away() -> None:
    raise RetryLater(cause="connection refused")


def wrong() -> None:
    raise KeyError("a mistake of ours")


def test_that_the_database_is_away_is_logged_once_until_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    rounds = Rounds(logging.getLogger("porch.here"), "it failed")
    for what in (away, away, away, well, away, away):
        rounds.run(what)
    told = [(record.getMessage(), record.exc_info) for record in caplog.records]
    assert told == [("it failed, and waits: connection refused", None)] * 2


def test_each_mistake_is_logged_with_where_it_was_made(caplog: pytest.LogCaptureFixture) -> None:
    rounds = Rounds(logging.getLogger("porch.here"), "it failed")
    for what in (wrong, away, wrong):
        rounds.run(what)
    assert [record.exc_info is not None for record in caplog.records] == [True, False, True]
