"""The images of the owner's site: uploading, looking at them, taking away what nothing shows."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from porch.actions import site as actions
from porch.engines.files.images import LARGEST
from porch.errors import Conflict, Invalid, NotFound, PorchError, RetryLater, TooLarge
from porch.pages import blueprint
from porch.pages.forms import done, refusal
from porch.pages.site_editing import host
from porch.site.own_media import users
from porch.texts import gettext, lazy_gettext
from porch.web.identity import engines
from porch.web.site import current_view

HERE = "/site/images/"
DONE = {
    "added": lazy_gettext("Added. It can be chosen in every form now."),
    "deleted": lazy_gettext("Deleted."),
}
REFUSALS = (Invalid, TooLarge, Conflict, NotFound, RetryLater)


@blueprint.get("/site/images/")
def site_images() -> Response:
    host(HERE)
    return make_response(_page())


@blueprint.post("/site/images/")
def add_site_image() -> Response:
    actor = host(HERE)
    request.max_content_length = LARGEST + 64 * 1024
    file = request.files.get("image")
    try:
        if file is None or not file.filename:
            raise Invalid(gettext("Choose a file first."))
        content = file.stream.read(LARGEST + 1)
        actions.add_image(engines(), actor, file.filename, content)
    except REFUSALS as error:
        return refusal(_page(error), error)
    return redirect(f"{HERE}?done=added", 303)


@blueprint.get("/site/images/<name>/")
def back_to_images(name: str) -> Response:
    host(HERE)
    return redirect(HERE)


@blueprint.post("/site/images/<name>/")
def delete_site_image(name: str) -> Response:
    actor = host(HERE)
    try:
        actions.delete_image(engines(), actor, name)
    except REFUSALS as error:
        return refusal(_page(error), error)
    return redirect(f"{HERE}?done=deleted", 303)


def _page(error: PorchError | None = None) -> str:
    view = current_view()
    problems = engines().pictures.problems(view.state)
    images: list[dict[str, Any]] = [
        {
            "name": name,
            "picture": view.picture(name, "", sizes="14rem"),
            "problem": problems.get(name),
            "used": bool(users(view.state.files, name)),
        }
        for name in sorted(view.state.media)
    ]
    return render_template(
        "site/images.html",
        here=HERE,
        notice=done(DONE),
        images=images,
        error=error.message if error else None,
        largest=LARGEST // 1024**2,
    )
