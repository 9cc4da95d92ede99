"""A host as it is asked for, read as browsers read it (UTS 46, the WHATWG's URL)."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from contextlib import suppress

# Of a name as DNS bears it, and of one part; what is longer leads nowhere, and takes long to read.
LONGEST_HOST = 253
LONGEST_LABEL = 63
NAME = re.compile(r"[^\x00-\x20\x7f:#/<>?@\[\]\\^|%\"`{}]+")
# All but letters of their own, whatever those are folded to elsewhere.
FOLDED = re.compile("[^ßς]+")
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufe0e\ufe0f"))


def ascii_host(host: str) -> str | None:
    """A name, or an address of a host, which IPv6 has in brackets; None for what is neither."""
    if len(host) > LONGEST_HOST:
        return None
    with suppress(ValueError):
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        name = host.lower() if host.isascii() else ".".join(map(_ascii_label, _folded(host).split(".")))
        # Signs like `℀` and `＠` are several to a browser, or others, which end a host.
        if not NAME.fullmatch(name):
            return None
        last = name.rstrip(".").rpartition(".")[2]
        if last and (last.isdecimal() or last.startswith("0x")):
            return str(ipaddress.IPv4Address(name.rstrip(".")))
        return name
    return None


def _folded(host: str) -> str:
    composed = unicodedata.normalize("NFKC", host.translate(UNSEEN)).replace("。", ".")
    return unicodedata.normalize("NFKC", FOLDED.sub(lambda part: part[0].casefold(), composed))


def _ascii_label(label: str) -> str:
    """Raises ValueError for what no name has in it."""
    if label.isascii():
        return label
    if len(label) > LONGEST_LABEL or not label.isprintable() or unicodedata.category(label[0])[0] == "M":
        raise ValueError("no part of a name")
    return f"xn--{label.encode('punycode').decode()}"
