"""Limits that stand in Python and in the scripts of pages: they belong together and change together."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from math import prod

import pytest

from porch.actions.messages.contents import LARGEST_CONTENT, LONGEST_CONTENT
from porch.actions.uploads import LONGEST_ALT, MOST_FILES
from porch.config import Settings
from porch.engines.files.images import MOST_PIXELS
from porch.engines.files.uploads import WIDEST
from porch.engines.live.presence import TYPING
from porch.realtime.setup import OPTIONS
from tests.support.server import ROOT

SCRIPTS = ROOT / "porch" / "static" / "js"
SECOND = 1000  # milliseconds
# How often the server says something to a socket, and how long it then waits for an answer, in seconds.
INTERVAL, TIMEOUT = (int(str(OPTIONS[name])) for name in ("ping_interval", "ping_timeout"))

TYPING_RATE = Settings().typing_rate
assert TYPING_RATE is not None


def constant(file: str, name: str) -> int:
    """A number of a script, which may be written as a product."""
    source = (SCRIPTS / file).read_text("utf-8")
    (written,) = re.findall(rf"^(?:export )?const {name} = ([\d_]+(?: \* [\d_]+)*);$", source, re.MULTILINE)
    return prod(int(part) for part in written.split(" * "))


@pytest.mark.parametrize(
    ("file", "name", "relation", "server"),
    [
        ("composer/limits.js", "LONGEST_CONTENT", operator.eq, LONGEST_CONTENT),
        ("composer/limits.js", "LARGEST_CONTENT", operator.eq, LARGEST_CONTENT),
        ("base/file_limits.js", "MOST_FILES", operator.eq, MOST_FILES),
        ("base/file_limits.js", "LONGEST_ALT", operator.eq, LONGEST_ALT),
        ("composer/pixels.js", "WIDEST", operator.eq, WIDEST),
        ("composer/pixels.js", "MOST_PIXELS", operator.eq, MOST_PIXELS),
        # Doubtful is a line on which a ping is late, dead one on which the server has given up, too.
        ("log/socket.js", "QUIET", operator.gt, INTERVAL * SECOND),
        ("log/socket.js", "QUIET", operator.lt, (INTERVAL + TIMEOUT) * SECOND),
        ("log/socket.js", "DEAD", operator.eq, (INTERVAL + TIMEOUT) * SECOND),
        ("chats/people.js", "WRITING", operator.eq, TYPING * SECOND),
        # Whoever goes on writing says so again before the last word of it is forgotten, and no sooner than
        # the server takes another.
        ("log/live.js", "TYPING", operator.gt, SECOND / TYPING_RATE.per_second),
        ("log/live.js", "TYPING", operator.lt, TYPING * SECOND),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_limit_of_a_script_agrees_with_the_server(
    file: str, name: str, relation: Callable[[float, float], bool], server: float
) -> None:
    assert relation(constant(file, name), server), f"{name} of {file}, against {server} of the server"
