"""`porch verify`: whether a site serves the scripts of this very version, seen from anybody's computer."""

from __future__ import annotations

import hashlib
import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import click
import urllib3

from porch.languages import LANGUAGES
from porch.web.assets import import_map, published
from porch.web.headers import POLICY

LARGEST = 8_000_000  # bytes of one answer
PATIENCE = urllib3.Timeout(connect=10, read=20)  # seconds
AT_ONCE = 8
STATIC = "/static/"
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
    parts = urlsplit(address)
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

    def get(self, path: str, language: str = "") -> tuple[bytes, str]:
        """What is served there, and its security policy. Raises ClickException."""
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
            return b"", ""
        return content, answer.headers.get("Content-Security-Policy", "")

    def compared(self, path: str, digest: str, *, at: str = "", language: str = "") -> str | None:
        """What is wrong with a file, if anything."""
        content, _ = self.get(at or STATIC + path, language)
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
        content, policy = self.get(address)
        if not content:
            return [f"{address} is no page"]
        page = Page()
        page.feed(content.decode(errors="replace"))
        page.close()
        wrong = [f"{address} has {one}" for one in page.wrong(known)]
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


class Page(HTMLParser):
    """The scripts of a page: `loaded` by their addresses, `inline` with their types and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[tuple[str, str]] = []
        self.handlers: list[str] = []
        self._kind: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.handlers += [name for name in given if name.startswith("on")]
        if tag == "script" and given.get("src") is not None:
            self.loaded.append(given["src"] or "")
        elif tag == "script":
            self._kind = given.get("type") or ""

    def handle_data(self, data: str) -> None:
        if self._kind is not None:
            self.inline.append((self._kind, data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._kind = None

    def wrong(self, known: dict[str, str]) -> list[str]:
        found = [f"the attribute {name}" for name in self.handlers]
        for address in self.loaded:
            parts = urlsplit(address)
            if parts.netloc or parts.path.removeprefix(STATIC) not in known:
                found.append(f"the script {address}")
        for kind, text in self.inline:
            is_map = kind == "importmap" and text == str(import_map())
            if not is_map and kind not in DATA:
                found.append("a script of its own")
        return found
