"""Where the server can be reached, as one writes it in a link."""

from __future__ import annotations

import contextlib
import socket

from porch.config import Settings


def addresses(host: str) -> list[str]:
    """The addresses under which a server on `host` answers, as one writes them in a link; the widest last."""
    if host not in ("0.0.0.0", "::"):  # compared, not listened on
        return [f"[{host}]" if ":" in host else host]
    found = ["127.0.0.1"]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address would be used
        found.append(probe.getsockname()[0])
    return found


def origins(settings: Settings, port: int | None = None) -> list[str]:
    """Scheme, address and port of each; `port` is the one in use, if it is not the settings'."""
    scheme = "https" if settings.cert else "http"
    return [f"{scheme}://{address}:{port or settings.port}" for address in addresses(settings.host)]
