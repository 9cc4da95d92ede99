"""Static files under content-hashed addresses, and the import map that leads modules to them."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup

FOLDER = Path(__file__).resolve().parent.parent / "static"
YEAR = 365 * 24 * 60 * 60
# Bare names that modules import, and the vendored files behind them.
BARE_NAMES = {"socket.io-client": "vendor/socket.io.esm.min.js"}


def init_assets(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, import_map=import_map)
    app.after_request(_cache_hashed)


@cache
def asset(path: str) -> str:
    """The address of a file in the static folder; it changes with the content, so it may be kept."""
    digest = hashlib.sha256((FOLDER / path).read_bytes()).hexdigest()
    return f"/static/{path}?v={digest[:12]}"


@cache
def import_map() -> Markup:
    """Modules import each other by plain relative paths; the map adds the hashes."""
    files = [*FOLDER.glob("js/**/*.js"), *FOLDER.glob("vendor/*.js")]
    paths = sorted(file.relative_to(FOLDER).as_posix() for file in files)
    imports = {f"/static/{path}": asset(path) for path in paths}
    imports |= {name: asset(path) for name, path in BARE_NAMES.items()}
    return json_for_html({"imports": imports})


def json_for_html(value: object) -> Markup:
    """JSON that cannot end the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704  # escaped above


def _cache_hashed(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        response.headers["Cache-Control"] = (
            f"public, max-age={YEAR}, immutable" if "v" in request.args else "no-cache"
        )
    return response
