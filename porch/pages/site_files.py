"""What belongs to the owner's site and is no page: images, styles, the icon, the feed, the map."""

from __future__ import annotations

import re

from flask import Response, render_template, request

from porch.errors import NotFound
from porch.pages import blueprint
from porch.site.colour import palette
from porch.site.feed import feed_xml, sitemap_xml
from porch.site.reading import STYLE
from porch.web.assets import FOR_EVER
from porch.web.identity import engines
from porch.web.kept import kept
from porch.web.site import View, current_view, view_key


@blueprint.get("/media/<key>/<name>")
def media(key: str, name: str) -> Response:
    """A file of a picture. It is named by its content, so it is kept for ever."""
    path = engines().images.file(key, name)
    answer = Response(path.read_bytes(), mimetype=TYPES[path.suffix])
    answer.headers["Cache-Control"] = FOR_EVER
    return answer


TYPES = {".webp": "image/webp", ".jpg": "image/jpeg", ".png": "image/png"}


@blueprint.get("/palette.css")
def palette_style() -> Response:
    front = engines().site.state().site.front
    return _kept_style(("palette", front.accent, front.theme), palette(front.accent, front.theme).style)


@blueprint.get("/custom.css")
def custom_style() -> Response:
    view = current_view()
    content = view.state.files.get(STYLE)
    if content is None:
        raise NotFound
    return _kept_style(("custom", *view_key(view)), view.own(content.decode()))


@blueprint.get("/favicon.svg")
def favicon() -> Response:
    view = current_view()
    name, news = engines().site.name, "news" in request.args
    return kept(("favicon", name, view.palette, news), lambda: _icon(name, view, news=news), "image/svg+xml")


@blueprint.get("/feed.xml")
def feed() -> Response:
    view = current_view()
    return kept(("feed", *view_key(view)), lambda: _feed(view), "application/atom+xml")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    view = current_view()
    return kept(("sitemap", *view_key(view)), lambda: sitemap_xml(view.site, view.base), "application/xml")


@blueprint.get("/robots.txt")
def robots() -> Response:
    view = current_view()
    # Rooms let in nobody without a name, so there is nothing to keep anybody out of.
    text = "User-agent: *\nAllow: /\n" + (f"Sitemap: {view.base}/sitemap.xml\n" if view.base else "")
    return kept(("robots", view.base), lambda: text, "text/plain")


def initials(name: str) -> str:
    """One letter, or two of a name of several words."""
    words = [word for word in re.split(r"[\s\-]+", name) if word[:1].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper()[:2]


def _icon(name: str, view: View, *, news: bool) -> str:
    return render_template("site/icon.svg", initials=initials(name), colours=view.palette, news=news)


def _feed(view: View) -> str:
    return feed_xml(
        view.site, view.base, engines().site.name, lambda item: view.text(item, top=2, base=view.base)
    )


def _kept_style(key: tuple[object, ...], text: str) -> Response:
    answer = kept(key, lambda: text, "text/css")
    if "v" in request.args:
        answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
