"""What in a message is a link, as in `text.js`; and what its words may hide, as in `link_host.js`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from porch.markdown.hosts import ascii_host

CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9_])(?:https?://|mailto:)[^\s<>\"\x00-\x1f\xa0\u2028\u2029\ufeff]+", re.IGNORECASE
)
TRAILING = ".,;:!?'\"’”»)]}"
OPENING = {")": "(", "]": "[", "}": "{"}
# A browser takes a backslash for a slash, and any number of either.
WEB = re.compile(r"(https?):[/\\]+([^/\\?#]+)(.*)", re.IGNORECASE | re.DOTALL)
AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:#/<>?@\[\]\\^|%\"`{}]+)(?::(\d{0,5}))?")
LARGEST_PORT = 65535
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
HOST = re.compile(r"(?:[\w-]+\.)+(?:[^\W_]|-){2,}")
# Signs that pass for a dot are one to the eye.
DOTS = str.maketrans("。．｡․", "....")
# Finding hosts in words takes time by the square of their length: behind longer ones it is always told.
LONGEST_WORDS = 500


class Piece(NamedTuple):
    text: str
    href: str | None = None


def pieces(text: str) -> Iterator[Piece]:
    """A text cut into plain pieces and links, which joined give the text again."""
    done = 0
    for match in CANDIDATE.finditer(text):
        shown = _without_trailing(match[0])
        href = _address(shown)
        if href is None:
            continue
        if match.start() > done:
            yield Piece(text[done : match.start()])
        yield Piece(shown, href)
        done = match.start() + len(shown)
    if done < len(text):
        yield Piece(text[done:])


def allowed(target: str) -> str | None:
    """Where a link may lead, by the rules of every address; None where it may not."""
    found = [*pieces(target)]
    return found[0].href if len(found) == 1 else None


def hidden_host(words: str, href: str) -> str:
    """The host that has to be told beside a link; "" when its words name no other one."""
    real = _bare(_host_of(href))
    if len(words) > LONGEST_WORDS:
        return real
    told = HOST.findall(unicodedata.normalize("NFKC", words).lower().translate(DOTS))
    return "" if all(_bare(host) == real for host in told) else real


def _address(shown: str) -> str | None:
    """The address behind what looks like a link. One with a user name in it
    (`https://bank.example@evil.example`) is left as text: such names exist to be misread.
    """
    if shown[:7].lower() == "mailto:":
        mailbox = re.split(r"[?#]", shown[7:], maxsplit=1)[0]
        return f"mailto:{quote(shown[7:], safe=PRINTABLE)}" if "@" in mailbox else None
    found = WEB.fullmatch(shown)
    authority = AUTHORITY.fullmatch(found[2]) if found else None
    if found is None or authority is None or int(authority[2] or 0) > LARGEST_PORT:
        return None
    host = ascii_host(authority[1])
    if host is None:
        return None
    port = f":{authority[2]}" if authority[2] else ""
    return f"{found[1].lower()}://{host}{port}{quote(found[3] or '/', safe=PRINTABLE)}"


def _host_of(href: str) -> str:
    if href.startswith("mailto:"):
        return re.split(r"[?#]", href, maxsplit=1)[0].rpartition("@")[2]
    authority = AUTHORITY.match(href.partition("://")[2])
    return authority[1] if authority else ""


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def _without_trailing(link: str) -> str:
    """A sentence's own full stop or closing bracket does not belong to the link at its end; a bracket that
    the link itself opened does.
    """
    surplus = {closing: link.count(closing) - link.count(opening) for closing, opening in OPENING.items()}
    end = len(link)
    while end and link[end - 1] in TRAILING:
        last = link[end - 1]
        if last in OPENING:
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        end -= 1
    return link[:end]
