"""How the site would look with what stands in a form: shown in a frame beside it, written nowhere."""

from __future__ import annotations

import re

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from porch.actions import site as actions
from porch.errors import Invalid, NotFound
from porch.pages import blueprint
from porch.pages.home import prepare_policy, render_site
from porch.pages.site_editing import host, typed_file
from porch.site.folder import State
from porch.site.problems import ContentError
from porch.site.reading import NAMED, read_site
from porch.web.headers import allow_frame, allow_more, nonce
from porch.web.identity import engines
from porch.web.site import View, current_view

HERE = "/site/"
# A link of the page. What looks like one in a style or a comment may be changed, too.
LINK = re.compile(r"<(a|area)(?=\s)([^>]*)", re.IGNORECASE)
WITHIN = re.compile(r"[\s:]href\s*=\s*[\"']?\s*#", re.IGNORECASE)


@blueprint.get("/site/preview/")
def back_from_preview() -> Response:
    return redirect(HERE)


@blueprint.post("/site/preview/")
def preview() -> Response:
    """A project by its own page, everything else by the front page; a draft as if it were published."""
    host(HERE)
    path = request.form.get("path", "")
    if not NAMED.fullmatch(path):
        raise NotFound
    allow_frame()
    now = current_view()
    files = actions.files_now(engines())
    try:
        files[path] = typed_file(path, files, draft=False)
        site = read_site(files, now.state.media.keys())
    except ContentError as error:
        return _problems([str(problem) for problem in error.problems if problem.file == path] or [str(error)])
    except Invalid as error:
        return _problems(list(error.fields.values()) or [error.message])
    view = View(State(site, files, now.state.media, "preview", "folder"), now.base)
    prepare_policy(view)
    allow_more(f"style-src-elem 'self' 'nonce-{nonce()}'")
    item = next((one for one in site.projects if one.file == path), None)
    template = "home.html" if item is None else "site/project.html"
    # The bar and the colours are those of every page: as they are saved, but for these.
    would_be = {"site_name": engines().site.name_with(site), "site_palette": view.palette, "site_style": ""}
    return make_response(_aimed(render_site(template, view, item=item, preview=True, **would_be)))


def _aimed(page: str) -> str:
    """Links within the page stay in the frame; all others leave it as it is, as no other page may be framed.

    Of two `target`s the first counts.
    """

    def aim(link: re.Match[str]) -> str:
        target = "_self" if WITHIN.search(link[2]) else "_blank"
        return f'<{link[1]} target="{target}"{link[2]}'

    return LINK.sub(aim, page)


def _problems(words: list[str]) -> Response:
    return make_response(render_template("site/preview_problems.html", problems=words, here=HERE), 400)
