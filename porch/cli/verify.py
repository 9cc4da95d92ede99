"""`porch verify`: whether a site serves the scripts of this very version, seen from anybody's computer."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import click
import urllib3

from porch.languages import LANGUAGES
from porch.web.assets import asset, import_map, published
from porch.web.headers import POLICY

LARGEST = 8_000_000  # bytes of one answer
PATIENCE = urllib3.Timeout(connect=10, read=20)  # seconds
AT_ONCE = 8
WORKER = "/sw.js"
# A policy as this version sends it: its scripts are those with one nonce, or with these hashes.
SHAPES = {
    "{scripts}": r"'(?:nonce|sha256)-[\w+/=-]+'(?: 'sha256-[\w+/=-]+')*",
    "{socket}": r"wss?://[\w.\-\[\]:]+",
    "{framed}": "'none'",
}
KNOWN_POLICY = re.compile(
    "".join(SHAPES.get(part) or re.escape(part) for part in re.split(r"(\{\w+\})", POLICY))
    + "(?:; style-src-attr 'unsafe-inline')?"
)
DATA = ("application/json", "application/ld+json")
PAGE = "text/html;charset=utf-8"
# Scripts as this version writes them, and whatever else browsers may take for one.
BEGUN = re.compile("<script", re.IGNORECASE)
SCRIPT = re.compile(r'<script((?: (?:type|nonce|src|integrity|id)="[^"<>]*")+)>([^<]*)</script>')
ATTRIBUTE = re.compile(r' (\w+)="([^"]*)"')
FRAME = re.compile("<iframe", re.IGNORECASE)


@click.command("verify")
@click.argument("address", required=False)
def verify(address: str | None) -> None:
    """Compare the scripts that a site serves with this version's.

    Without ADDRESS the hashes of this version are printed, as `sha256sum` writes them.
    """
    known = published()
    if address is None:
        for path, digest in sorted(known.items()):
            click.echo(f"{digest}  {path}")
        return
    try:
        parts = urlsplit(address)
    except ValueError:  # half of the brackets of IPv6
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.ClickException("The address of a site begins with https:// or http://.")
    site = Site(f"{parts.scheme}://{parts.netloc}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda path: site.compared(path, known[path]), sorted(known))
        wrong = [*filter(None, found)]
    wrong += site.wrong_workers(known) + site.wrong_page(urljoin(address, parts.path or "/"), known)
    if wrong:
        raise click.ClickException("\n".join(["This site does not serve what this version does:", *wrong]))
    click.echo(f"All is as in this version: {len(known)} files, the service worker, and the page there.")


class Site:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._pool = urllib3.PoolManager(timeout=PATIENCE, retries=False, maxsize=AT_ONCE)

    def get(self, path: str, language: str = "") -> tuple[bytes, str, str]:
        """What is served there, its security policy and its type. Raises ClickException."""
        headers = {"Accept": "text/html,*/*", "Accept-Encoding": "identity", "Accept-Language": language}
        try:
            answer = self._pool.request(
                "GET", urljoin(self.origin, path), headers=headers, preload_content=False, redirect=False
            )
            with answer:
                content = answer.read(LARGEST + 1)
        except urllib3.exceptions.HTTPError as error:
            raise click.ClickException(f"{self.origin} {_why(error)}.") from None
        if answer.status != 200 or len(content) > LARGEST:
            return b"", "", ""
        sent = answer.headers
        return content, sent.get("Content-Security-Policy", ""), sent.get("Content-Type", "")

    def compared(self, path: str, digest: str, *, at: str = "", language: str = "") -> str | None:
        """What is wrong with a file, if anything. It is asked for as pages ask for it."""
        content, *_ = self.get(at or asset(path), language)
        if not content:
            return f"{at or path} is not there"
        return None if hashlib.sha256(content).hexdigest() == digest else f"{at or path} is another file"

    def wrong_workers(self, known: dict[str, str]) -> list[str]:
        found = []
        for language in LANGUAGES:
            path = next(path for path in (f"joined/{language}/sw.js", "joined/sw.js") if path in known)
            found.append(self.compared(path, known[path], at=WORKER, language=language))
        return [*filter(None, found)]

    def wrong_page(self, address: str, known: dict[str, str]) -> list[str]:
        """What in a page could run that is not among the known files."""
        content, policy, kind = self.get(address)
        if not content:
            return [f"{address} is no page"]
        try:
            page = content.decode()
        except UnicodeDecodeError:
            page = ""
        if not page or kind.lower().replace(" ", "") != PAGE:
            return [f"{address} is no page as this version sends it: {kind}"]
        handlers = Handlers()
        handlers.feed(page)
        handlers.close()
        found = handlers.found + scripts_besides(page, {asset(path) for path in known})
        wrong = [f"{address} has {one}" for one in found]
        if not KNOWN_POLICY.fullmatch(policy):
            wrong.append(f"{address} has another security policy: {policy or 'none'}")
        return wrong


def _why(error: urllib3.exceptions.HTTPError) -> str:
    match error:
        case urllib3.exceptions.NameResolutionError():
            return "cannot be found: no computer of this name is known here"
        case urllib3.exceptions.SSLError(args=[ssl.SSLCertVerificationError() as cause]):
            return f"has a certificate that is not trusted here: {cause.verify_message}"
        case urllib3.exceptions.SSLError():
            return "speaks no HTTPS that is understood here"
    return "does not answer"


class Handlers(HTMLParser):
    """The attributes of a page that hold scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [f"the attribute {name}" for name, _ in attributes if name.startswith("on")]


def scripts_besides(page: str, addresses: Collection[str]) -> list[str]:
    """What in a page could run, or load what runs, but for the scripts at these addresses.

    Parsers differ in where comments end and what is text, and another encoding hides all of it: whatever
    begins like a script has to be one as this version writes it, wherever it stands.
    """
    found = ["a frame of its own"] if FRAME.search(page) else []
    for begun in BEGUN.finditer(page):
        script = SCRIPT.match(page, begun.start())
        given = ATTRIBUTE.findall(script[1]) if script else []
        attributes = dict(given)
        if script is None or len(attributes) < len(given):  # of two browsers take the first
            found.append("a script of its own")
            continue
        kind, address, text = attributes.get("type"), attributes.get("src"), script[2]
        is_map = kind == "importmap" and text == str(import_map())
        if address is not None and (kind != "module" or text or address not in addresses):
            found.append(f"the script {address}")
        elif address is None and not is_map and kind not in DATA:
            found.append("a script of its own")
    return found
