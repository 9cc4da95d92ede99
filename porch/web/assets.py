"""Static files: read once, named by their content, compressed once, kept by browsers for ever."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import brotli
from babel.support import NullTranslations, Translations
from flask import Flask, Response, request
from markupsafe import Markup
from werkzeug.datastructures import Accept

from porch import languages
from porch.errors import NotFound
from porch.languages import LANGUAGES, SOURCE, locale_name
from porch.web.emoji_names import with_emoji_names
from porch.web.joining import join_modules, join_styles
from porch.web.language import current_language

FOLDER = Path(__file__).resolve().parent.parent / "static"
# For what is named by its content. A year, in seconds, is the longest that caches are told.
FOR_EVER = "public, max-age=31536000, immutable"
# Bare names that modules import, and the vendored files behind them.
BARE_NAMES = {"socket.io-client": "vendor/socket.io.esm.min.js"}
# Written out, since what the system knows of types differs: a wrong one is refused under `nosniff`.
TEXT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/plain",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
}
OTHER_TYPES = {
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
# The modules that pages begin with; each is served as one file with all that it imports.
ENTRIES = (
    "account_keys",
    "actions",
    "desktop_switch",
    "direct",
    "encrypted",
    "first_keys",
    "key_help",
    "landing",
    "leaving",
    "level",
    "listening",
    "lobby",
    "local_times",
    "locked_files",
    "locked_uploads",
    "manage",
    "naming_view",
    "news",
    "order",
    "panel",
    "picker",
    "pins",
    "push",
    "rich",
    "room",
    "sealed",
    "sealed_arriving",
    "sealed_code",
    "sealed_door",
    "sealed_form",
    "search_view",
    "session",
    "site",
    "site_editor",
    "staying",
    "sw",
    "switcher",
    "telling",
    "uploads",
    "verify",
    "viewer",
)
MOST_STYLES = 64  # joined style sheets kept in memory; anybody may name new ones
MOST_NAMES = 32  # of one joined style sheet


@dataclass(frozen=True)
class Asset:
    """A file as it is served."""

    path: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]

    @cached_property
    def integrity(self) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(self.content).digest()).decode()

    @property
    def mimetype(self) -> str:
        suffix = Path(self.path).suffix
        return TEXT_TYPES.get(suffix) or OTHER_TYPES.get(suffix, "application/octet-stream")

    @property
    def is_text(self) -> bool:
        """Whether it is worth compressing; pictures and fonts are compressed already."""
        return Path(self.path).suffix in TEXT_TYPES

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)

    @cached_property
    def brotli(self) -> bytes:
        made: bytes = brotli.compress(self.content, mode=brotli.MODE_TEXT, quality=11)
        return made

    def encoded(self, accepted: Accept) -> tuple[str, bytes]:
        """The best encoding that is accepted and the content in it, made when it is first asked for."""
        if self.is_text:
            if accepted.quality("br") >= max(accepted.quality("gzip"), 0.001):
                return "br", self.brotli
            if accepted.quality("gzip") > 0:
                return "gzip", self.gzipped
        return "", self.content


def init_assets(app: Flask) -> None:
    _files()  # now, so that one process serves the files of one moment
    for entry in ENTRIES:  # and so that what cannot be joined is known before anybody asks
        _joined_script(entry, SOURCE)
    app.jinja_env.globals.update(
        asset=asset, import_map=import_map, integrity=integrity, script=script, styles=styles
    )
    app.view_functions["static"] = serve


def asset(path: str) -> str:
    """The address of a static file; it changes with the content, so it may be kept."""
    return f"/static/{path}?v={_found(path).digest}"


def script(entry: str) -> str:
    """The address of a module with all that it imports, its texts in this request's language."""
    return asset(_script_path(entry, current_language()))


def integrity(entry: str) -> str:
    """The hash by which a page, and the policy sent with it, allow this very script."""
    return _joined_script(entry, current_language()).integrity


def styles(*names: str) -> str:
    """The address of these style sheets in one."""
    return asset(f"css/{'+'.join(names)}.css")


@cache
def import_map() -> Markup:
    """Leads bare names to the hashed addresses of their files."""
    return json_for_html({"imports": {name: asset(path) for name, path in BARE_NAMES.items()}})


def json_for_html(value: object) -> Markup:
    """JSON that cannot end the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704  # escaped above


def published() -> dict[str, str]:
    """The SHA-256 in hex of every script and other static file, by its path below /static/; scripts are in
    every language.
    """
    scripts = [_joined_script(entry, language) for language in LANGUAGES for entry in ENTRIES]
    files = [*_files().values(), *scripts]
    return {file.path: hashlib.sha256(file.content).hexdigest() for file in files}


def serve(filename: str) -> Response:
    """Answer for a static file. Raises NotFound."""
    file = _found(filename)
    encoding, content = file.encoded(request.accept_encodings)
    answer = Response(content, mimetype=file.mimetype)
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    if file.is_text:
        answer.vary.add("Accept-Encoding")
    # Another content under the same name needs another tag, and so does the same in another encoding.
    answer.set_etag(f"{file.digest}-{encoding}" if encoding else file.digest)
    # An address with another hash belongs to another version of the file: it may be looked at, not kept.
    is_own = request.args.get("v") == file.digest
    answer.headers["Cache-Control"] = FOR_EVER if is_own else "no-cache"
    answer.make_conditional(request)
    return answer


def serve_script(entry: str) -> Response:
    """Answer for a module with all that it imports at an address of its own, in this request's language."""
    answer = serve(_script_path(entry, current_language()))
    answer.vary.update(("Cookie", "Accept-Language"))
    return answer


def _found(path: str) -> Asset:
    """A file of the folder, or a joined one: `css/one+two.css`, `joined/entry.js`, `joined/de/entry.js`.
    Raises NotFound.

    What is joined can be read from its path, so every process has every one of them, also after a restart.
    """
    return _files().get(path) or _joined(path)


@cache
def _files() -> dict[str, Asset]:
    found = {
        path: Asset(path, file.read_bytes())
        for file in sorted(FOLDER.rglob("*"))
        if file.is_file() and not (path := file.relative_to(FOLDER).as_posix()).startswith(".")
    }
    return found | {
        path: Asset(path, _with_hashed_fonts(file.content.decode(), found).encode())
        for path, file in found.items()
        if path.endswith(".css")
    }


def _with_hashed_fonts(style: str, files: dict[str, Asset]) -> str:
    """Fonts are named in style sheets by plain paths; like this they are kept for ever, too."""
    return re.sub(
        r"url\(\.\./(fonts/[\w.\-]+)\)", lambda found: f"url(../{found[1]}?v={files[found[1]].digest})", style
    )


def _script_path(entry: str, language: str) -> str:
    return f"joined/{entry}.js" if language == SOURCE else f"joined/{language}/{entry}.js"


def _joined(path: str) -> Asset:
    if match := re.fullmatch(r"css/(\w+(?:\+\w+)+)\.css", path):
        return _joined_styles(path, tuple(match[1].split("+")))
    if match := re.fullmatch(r"joined/(?:([\w-]+)/)?(\w+)\.js", path):
        language = match[1] or SOURCE
        if match[2] in ENTRIES and language in LANGUAGES and path == _script_path(match[2], language):
            return _joined_script(match[2], language)
    raise NotFound


@lru_cache(MOST_STYLES)
def _joined_styles(path: str, names: tuple[str, ...]) -> Asset:
    if len(names) > MOST_NAMES or len(set(names)) < len(names):
        raise NotFound
    return Asset(path, join_styles(_style(name) for name in names).encode())


@cache
def _joined_script(entry: str, language: str) -> Asset:
    def beside(other: str) -> str:
        return f"./{other}.js?v={_joined_script(other, language).digest}"

    def read(name: str) -> str:
        source = _modules()[name].content.decode()
        return with_emoji_names(source, language) if name == "emoji_list" else source

    texts = None if language == SOURCE else _catalogue(language)
    return Asset(_script_path(entry, language), join_modules(entry, read, beside, texts).encode())


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(languages.FOLDER, [locale_name(language)])


@cache
def _modules() -> dict[str, Asset]:
    """The sources of scripts by name, which no two share."""
    return {Path(path).stem: file for path, file in _files().items() if path.startswith("js/")}


def _style(name: str) -> str:
    file = _files().get(f"css/{name}.css")
    if file is None:
        raise NotFound
    return file.content.decode()
