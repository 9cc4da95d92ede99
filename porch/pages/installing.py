"""What makes the site an app on a phone or a computer: its manifest, its service worker, its icons."""

from __future__ import annotations

from flask import Response, render_template

from porch.pages import blueprint
from porch.texts import gettext
from porch.web.assets import asset, serve_script
from porch.web.headers import allow_more
from porch.web.identity import engines
from porch.web.json import json_answer
from porch.web.site import site_palette

GROUND = "#f8f7f3"  # of tokens.css, by day


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    name = engines().site.name
    answer = json_answer(
        {
            "name": name,
            "short_name": name[:12].strip(),
            "start_url": "/chatrooms/",
            "scope": "/",
            "display": "standalone",
            "background_color": GROUND,
            "theme_color": site_palette().ceiling,
            "icons": [
                {"src": "/favicon.svg", "type": "image/svg+xml", "sizes": "any"},
                *(
                    {"src": asset(f"icons/{size}.png"), "type": "image/png", "sizes": f"{size}x{size}"}
                    for size in (192, 512)
                ),
                {
                    "src": asset("icons/maskable.png"),
                    "type": "image/png",
                    "sizes": "512x512",
                    "purpose": "maskable",
                },
            ],
        }
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """At the root, so that it is for all pages. Browsers ask for it anew with each, so that it follows when
    another language is chosen.
    """
    allow_more("connect-src 'self'")
    answer = serve_script("sw")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/offline/")
def offline() -> str:
    """What the service worker shows when there is no network."""
    return render_template(
        "error.html",
        status=gettext("Offline"),
        title=gettext("There is no network"),
        message=gettext(
            "Nothing is lost: what you have written waits in its room, and goes out when you are back."
        ),
        action_url="/chatrooms/",
        action_text=gettext("Try again"),
    )
