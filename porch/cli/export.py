"""Writes the owner's site as files: each page as it is served, with addresses that need no server's root."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import click
from flask import Flask

from porch.cli.whole_folder import whole_folder
from porch.site.own_media import users
from porch.site.whole import Site
from porch.web.identity import engines
from porch.web.site import EXPORTED

ATTRIBUTE = re.compile(r"""(?<=[\s"'])(href|src|action)="(/(?!/)[^"]*)\"""")
SOURCES = re.compile(r"""(?<=\s)srcset="([^"]*)\"""")
# What pages load, and is written after them.
LOADED = ("/static/", "/media/", "/palette.css", "/custom.css")
SHARED = re.compile(r"""<meta property="og:image" content="([^"]*)\"""")
NOT_FOUND = "/404.html"
STYLE_ADDRESS = re.compile(r"""url\((["']?)(\.\./|/)([^"')]*)""")


def export_site(app: Flask, folder: Path, *, base: str, chat: str) -> int:
    """Write all pages and what they load; returns how many files that are. `base` and `chat` are addresses
    without a slash at their end; without `chat` nothing leads into rooms, without `base` there is
    nothing that needs whole addresses. The folder is there when all of it is. Raises ClickException, OSError.
    """
    with whole_folder(folder, mode=0o755) as work:
        export = _Export(app, work, base, chat)
        for path in pages(engines().site.state().site, base):
            export.take(path)
        export.take(NOT_FOUND, "/no/such/page/", status=404)
    return len(export.done)


def pages(site: Site, base: str) -> list[str]:
    found = ["/"]
    if site.projects:
        found += ["/projects/", *(f"/projects/{item.slug}/" for item in site.projects)]
        found += [f"/projects/tagged/{tag.slug}/" for tag in site.tags]
    if base:
        found += ["/feed.xml", "/sitemap.xml"]
    return [*found, "/robots.txt", "/favicon.svg"]


class _Export:
    """`done` are the paths that were written; what a page loads is written after it."""

    def __init__(self, app: Flask, folder: Path, base: str, chat: str) -> None:
        self.client = app.test_client(use_cookies=False)
        self.folder = folder
        self.options = {"base": base, "chat": chat}
        self.root = urlsplit(base).path + "/"
        self.pages = set(pages(engines().site.state().site, base))
        self.done: set[str] = set()

    def take(self, path: str, ask: str = "", *, status: int = 200, of: str = "") -> None:
        """Write what is answered under `path`, which the page `of` names, and after it what that names."""
        if path in self.done:
            return
        self.done.add(path)
        headers = {"Accept": "text/html,*/*;q=0.8"}
        with self.client.get(ask or path, headers=headers, environ_base={EXPORTED: self.options}) as answer:
            if answer.status_code != status:
                where = users(engines().site.state().files, path)
                page = f"{of} loads {path}" if of else path
                page += f", which stands in {', '.join(where)}" if where else ""
                raise click.ClickException(f"{page}, and the answer is {answer.status}. Nothing was written.")
            content, mimetype = answer.get_data(), answer.mimetype
        named: set[str] = set()
        if mimetype == "text/html":
            content = self.html(path, content.decode(), named).encode()
        elif mimetype == "text/css":
            content = self.style(path, content.decode(), named).encode()
        self.write(path, content)
        for one in sorted(named):
            self.take(one, of=path)

    def html(self, path: str, text: str, named: set[str]) -> str:
        def attribute(found: re.Match[str]) -> str:
            return f'{found[1]}="{self.relative(path, found[2], named)}"'

        def sources(found: re.Match[str]) -> str:
            parts = [part.split() for part in found[1].split(",") if part.strip()]
            return 'srcset="{}"'.format(
                ", ".join(" ".join([self.relative(path, part[0], named), *part[1:]]) for part in parts)
            )

        base = self.options["base"]
        for shared in SHARED.findall(text):
            named.add(shared.removeprefix(base))
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
        # The page for what is not there is shown at any depth.
        up = self.root if here == NOT_FOUND else "../" * (here.count("/") - 1)
        target = bare.lstrip("/") or ("./" if not up else "")
        return f"{up}{target}{mark}{anchor}"

    def write(self, path: str, content: bytes) -> None:
        place = self.folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _up(path: str, rest: str) -> str:
    return (PurePosixPath(path).parent.parent / rest).as_posix().lstrip("/")
