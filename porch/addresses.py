"""Where the server can be reached, as one writes it in a link."""

from __future__ import annotations

import contextlib
import re
import socket
from urllib.parse import urlsplit

from porch.config import Settings

ANY = ("0.0.0.0", "::")  # compared, not listened on
# What can stand in a certificate.
NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*|[0-9a-f:.]*:[0-9a-f:.]*")


def addresses(host: str) -> list[str]:
    """The addresses under which a server on `host` answers, as one writes them in a link; the widest last."""
    if host not in ANY:
        return [f"[{host}]" if ":" in host else host]
    return ["127.0.0.1", *_outward(socket.AF_INET, "192.0.2.1")]


def own_names(settings: Settings) -> list[str]:
    """Every name and address by which this computer may be called, here and in its network, each once; last
    the one that people know it by.
    """
    host = socket.gethostname().lower()
    found = ["localhost", "127.0.0.1", "::1"]
    found += [*_outward(socket.AF_INET, "192.0.2.1"), *_outward(socket.AF_INET6, "2001:db8::1")]
    with contextlib.suppress(OSError):
        found += [str(address[0]).partition("%")[0] for *_, address in socket.getaddrinfo(host, None)]
    if settings.host not in ANY:
        found.append(settings.host.lower())
    found += [f"{host.partition('.')[0]}.local", host, urlsplit(settings.url).hostname or host]
    # What is said again goes to the end.
    return list(dict.fromkeys(name for name in reversed(found) if NAME.fullmatch(name)))[::-1]


def _outward(family: socket.AddressFamily, elsewhere: str) -> list[str]:
    """This computer's address on the way elsewhere, if there is one."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((elsewhere, 9))  # sends nothing: asks which address would be used
        return [str(probe.getsockname()[0])]
    return []


def origins(settings: Settings, port: int | None = None) -> list[str]:
    """Scheme, address and port of each; `port` is the one in use, if it is not the settings'."""
    scheme = "https" if settings.cert or settings.tls else "http"
    return [f"{scheme}://{address}:{port or settings.port}" for address in addresses(settings.host)]
