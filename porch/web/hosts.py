"""What may stand in a Host header. It is written into share links and the security policy."""

from __future__ import annotations

import re

LONGEST = 253 + len(":65535")  # characters of a name in the domain name system, and of a port
HOST = re.compile(r"[\w.\-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", re.ASCII)


def is_host(text: str) -> bool:
    """Whether this is a host's name or address, perhaps with a port."""
    return len(text) <= LONGEST and HOST.fullmatch(text) is not None
