"""Writes the owner's site as files: each page as it is served, with addresses that need no server's root."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from flask import Flask

from porch.site.whole import Site
from porch.web.identity import engines
from porch.web.site import EXPORTED

ATTRIBUTE = re.compile(r"""(?<=[\s"'])(href|src|action)="(/(?!/)[^"]*)\"""")
SOURCES = re.compile(r"""(?<=\s)srcset="([^"]*)\"""")
# The picture to show where the page is shared has its whole address.
SHARED = re.compile(r"""content="[^"]*?(/media/[0-9a-f]{32}/[^"]+)\"""")
# What pages load, and is written after them.
LOADED = ("/static/", "/media/", "/palette.css", "/custom.css")
STYLE_ADDRESS = re.compile(r"""url\((["']?)(\.\./|/)([^"')]*)""")


def export_site(app: Flask, folder: Path, *, base: str, chat: str) -> int:
    """Write all pages and what they load; returns how many files that are. `base` and `chat` are addresses
    without a slash at their end; without `chat` nothing leads into rooms.
    """
    site = engines().site.state().site
    export = _Export(app, folder, base, chat)
    for path in pages(site):
        export.take(path)
    export.take("/404.html", "/no/such/page/", status=404)
    return len(export.done)


def pages(site: Site) -> list[str]:
    found = ["/"]
    if site.projects:
        found += ["/projects/", *(f"/projects/{item.slug}/" for item in site.projects)]
        found += [f"/projects/tagged/{tag.slug}/" for tag in site.tags]
    return [*found, "/feed.xml", "/sitemap.xml", "/robots.txt", "/favicon.svg"]


class _Export:
    """`done` are the paths that were written; what a page loads is written after it."""

    def __init__(self, app: Flask, folder: Path, base: str, chat: str) -> None:
        self.client = app.test_client(use_cookies=False)
        self.folder = folder
        self.options = {"base": base, "chat": chat}
        self.pages = set(pages(engines().site.state().site))
        self.done: set[str] = set()

    def take(self, path: str, ask: str = "", *, status: int = 200) -> None:
        """Write what is answered under `path`, and after it what that names."""
        if path in self.done:
            return
        self.done.add(path)
        with self.client.get(ask or path, environ_base={EXPORTED: self.options}) as answer:
            assert answer.status_code == status, f"{path}: {answer.status}"
            content, mimetype = answer.get_data(), answer.mimetype
        named: set[str] = set()
        if mimetype == "text/html":
            content = self.html(path, content.decode(), named).encode()
        elif mimetype == "text/css":
            content = self.style(path, content.decode(), named).encode()
        self.write(path, content)
        for one in sorted(named):
            self.take(one)

    def html(self, path: str, text: str, named: set[str]) -> str:
        def attribute(found: re.Match[str]) -> str:
            return f'{found[1]}="{self.relative(path, found[2], named)}"'

        def sources(found: re.Match[str]) -> str:
            parts = [part.split() for part in found[1].split(",")]
            return 'srcset="{}"'.format(
                ", ".join(" ".join([self.relative(path, part[0], named), *part[1:]]) for part in parts)
            )

        named.update(SHARED.findall(text))
        return SOURCES.sub(sources, ATTRIBUTE.sub(attribute, text))

    def style(self, path: str, text: str, named: set[str]) -> str:
        def address(found: re.Match[str]) -> str:
            whole = found[2] + found[3] if found[2] == "/" else f"/{_up(path, found[3])}"
            return f"url({found[1]}{self.relative(path, whole, named)}"

        return STYLE_ADDRESS.sub(address, text)

    def relative(self, here: str, address: str, named: set[str]) -> str:
        """The address as seen from the page `here`, wherever the folder is served from."""
        if not address.startswith("/"):
            return address
        bare, mark, anchor = address.partition("#")
        bare = bare.partition("?")[0]  # a file server knows one version of each
        if bare.startswith(LOADED):
            named.add(bare)
        elif bare not in self.pages:
            return f"{self.options['chat']}{address}"
        up = "../" * (here.count("/") - 1)
        target = bare.lstrip("/") or ("./" if not up else "")
        return f"{up}{target}{mark}{anchor}"

    def write(self, path: str, content: bytes) -> None:
        place = self.folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _up(path: str, rest: str) -> str:
    return (PurePosixPath(path).parent.parent / rest).as_posix().lstrip("/")
