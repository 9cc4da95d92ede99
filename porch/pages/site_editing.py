"""Editing the owner's site in the browser: site.toml and the files with front matter, by plain forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.actions import site as actions
from porch.errors import Conflict, Invalid, NotFound, PorchError, RetryLater
from porch.pages import blueprint
from porch.pages.entrance import person
from porch.pages.forms import done, refusal
from porch.pages.site_forms import (
    errors_by_field,
    front_file,
    front_values,
    kind_of,
    matter_file,
    matter_values,
)
from porch.site.checking import warnings
from porch.site.composing import with_draft
from porch.site.content import DRAWINGS, ICONS, THEMES, Interest, Project
from porch.site.problems import ContentError
from porch.site.reading import FRONT, NAMED, STYLE, Files, read_item, read_site
from porch.texts import lazy_gettext
from porch.web.headers import allow_more
from porch.web.identity import engines

LARGEST_FORM = 1024 * 1024  # bytes; every letter of a text may come as nine
DONE = {
    "saved": lazy_gettext("Saved. It is on the page now."),
    "published": lazy_gettext("Published. It is on the page now."),
    "draft": lazy_gettext("Saved as a draft. Nobody else sees it."),
    "new": lazy_gettext("Here it is, as a draft. Publish it when it says what you want."),
}


def host(then: str) -> Actor:
    """The host; others are sent to log in, or refused. What a form may be large is said here, too."""
    actor = person(then)
    actions.enforce_host(actor)
    request.max_content_length = request.max_form_memory_size = LARGEST_FORM
    return actor


@blueprint.get("/site/front/")
def edit_front() -> Response:
    host("/site/front/")
    files = actions.files_now(engines())
    try:
        values = front_values(read_site(files).front)
    except ContentError:
        return redirect(url_for("pages.edit_file", path=FRONT))  # as text it can be mended
    return make_response(_front_page(files, values))


@blueprint.post("/site/front/")
def save_front() -> Response:
    actor = host("/site/front/")
    seen = {FRONT: request.form.get("seen", "")}
    try:
        actions.change_files(
            engines(), actor, lambda files: {FRONT: front_file(files)}, seen=seen, change="The front page"
        )
    except (Invalid, Conflict, RetryLater) as error:
        files = actions.files_now(engines())
        return refusal(_front_page(files, _typed(), error), error)
    return redirect("/site/front/?done=saved", 303)


@blueprint.get("/site/files/<path:path>/")
def edit_file(path: str) -> Response:
    host(request.path)
    files = actions.files_now(engines())
    if not NAMED.fullmatch(path) or (path not in files and path not in (FRONT, STYLE)):
        raise NotFound
    return make_response(_file_page(path, files, None))


@blueprint.post("/site/files/<path:path>/")
def save_file(path: str) -> Response:
    actor = host(request.path)
    if not NAMED.fullmatch(path):
        raise NotFound
    then = request.form.get("then")
    draft = then == "draft" if then else None
    seen = {path: request.form.get("seen", "")}
    try:
        actions.change_files(
            engines(),
            actor,
            lambda files: {path: typed_file(path, files, draft=draft)},
            seen=seen,
            change=path,
        )
    except (Invalid, Conflict, RetryLater) as error:
        files = actions.files_now(engines())
        return refusal(_file_page(path, files, error), error)
    files = actions.files_now(engines())
    what = "saved" if path in (FRONT, STYLE) else "draft" if _is_draft(path, files) else "published"
    return redirect(url_for("pages.edit_file", path=path, done=what), 303)


def typed_file(path: str, files: Files, *, draft: bool | None) -> bytes:
    """The file as the form that was sent has it: as a whole, or by its fields. Raises Invalid.

    Where `draft` is None a whole file says itself whether it is one, and what comes by fields is none.
    """
    if path == FRONT and "text" not in request.form:
        return front_file(files)
    if "text" in request.form:
        text = request.form["text"].replace("\r\n", "\n").encode()
        return text if draft is None or path in (FRONT, STYLE) else with_draft(text, draft=draft)
    return matter_file(path, files.get(path), draft=bool(draft))


def _front_page(files: Files, values: Mapping[str, Any], error: PorchError | None = None) -> str:
    return render_template(
        "site/edit_front.html",
        themes=THEMES,
        **_common(FRONT, files, error),
        values=values,
    )


def _file_page(path: str, files: Files, error: PorchError | None) -> str:
    common = _common(path, files, error)
    typed = _typed() if error else None
    if path.endswith(".md") and not (typed and "text" in typed):
        values = typed
        if values is None:
            try:
                values = matter_values(read_item(path, files[path], kind_of(path)))
            except ContentError as wrong:
                common["problems"] = [str(problem) for problem in wrong.problems]
        if values is not None:
            kind = kind_of(path)
            if typed:
                values["draft"] = _is_draft(path, files)
            template = {Project: "site/edit_project.html", Interest: "site/edit_interest.html"}.get(
                kind, "site/edit_text.html"
            )
            return render_template(template, **common, values=values, drawings=DRAWINGS, icons=ICONS)
    text = typed["text"] if typed and "text" in typed else files.get(path, b"").decode(errors="replace")
    values = {"text": text, "draft": path.endswith(".html") and _is_draft(path, files)}
    return render_template("site/edit_raw.html", **common, values=values)


def _is_draft(path: str, files: Files) -> bool:
    """As the file says, not the button; Enter publishes nothing that is not there, or cannot be read."""
    try:
        return path not in files or bool(matter_values(read_item(path, files[path], kind_of(path)))["draft"])
    except ContentError:
        return True


def _common(path: str, files: Files, error: PorchError | None) -> dict[str, Any]:
    """What every form has: the file, as it was seen, and what is wrong."""
    allow_more("frame-src 'self'")
    problems: list[str] = []
    errors: Mapping[str, str] = {}
    if isinstance(error, actions.WrongContent):
        problems = [str(problem) for problem in error.problems]
        errors = errors_by_field(path, error.problems)
    elif error is not None:
        errors = error.fields if isinstance(error, Invalid) else {}
        problems = [*errors.values(), error.message]
    state = engines().site.state()
    as_it_is = {path: files[path]} if path in files and error is None else {}
    return {
        "here": request.path,
        "path": path,
        "section": state.site.section_of(path),
        "seen": actions.digest(files.get(path)),
        "seen_all": actions.overview(files),
        "now": files.get(path, b"").decode(errors="replace") if isinstance(error, Conflict) else None,
        "problems": list(dict.fromkeys(problems)),
        "errors": errors,
        "unsaved": error is not None,
        "warnings": [str(one) for one in warnings(as_it_is, state.media)],
        "media": sorted(state.media),
        "notice": done(DONE),
    }


def _typed() -> dict[str, Any]:
    """What stands in the form that was sent. A box that is not ticked is not sent at all."""
    boxes = {"hero_parallax": False, "banner_open_room": False, "featured": False}
    return boxes | {name: request.form[name] for name in request.form}
