"""Fixtures of the fault tests, and the figures that they print at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import UNLIMITED, skip_or_fail
from tests.faults.shim import Shim, build, missing

# Nobody is told to slow down, and who listens hears of the room's head often.
SETTINGS: dict[str, Any] = UNLIMITED | {"heartbeat": 1, "sockets_per_user": 1000, "sockets_per_address": 5000}


@pytest.fixture(scope="session")
def shim_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := missing():
        skip_or_fail(reason)
    return build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def shim(shim_library: Path, tmp_path: Path) -> Shim:
    return Shim(shim_library, tmp_path)


@pytest.fixture
def recorder(shim_library: Path, tmp_path: Path) -> Shim:
    """A shim that records."""
    return Shim(shim_library, tmp_path, recording=True)


@pytest.fixture
def figure(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[[str], None]:
    """Have a figure printed at the end of the run."""
    return lambda text: record_property("figure", f"{request.node.name}: {text}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures = [
        value
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if name == "figure" and report.when == "call"
    ]
    if figures:
        terminalreporter.section("figures of the fault tests")
        for line in figures:
            terminalreporter.line(str(line))
