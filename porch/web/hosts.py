"""What may stand in a Host header. It is written into share links and the security policy."""

from __future__ import annotations

import re

HOST = re.compile(r"[\w.\-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?", re.ASCII)


def is_host(text: str) -> bool:
    """Whether this is a host's name or address, perhaps with a port."""
    return HOST.fullmatch(text) is not None
