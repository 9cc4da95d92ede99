"""The overview of the owner's site for the host: what there is, in which order, and what was before."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.actions import site as actions
from porch.errors import Conflict, Invalid, NotFound, PorchError, RetryLater
from porch.pages import blueprint
from porch.pages.forms import LONGEST_TYPED, done, refusal
from porch.pages.site_editing import host
from porch.pages.times import day_and_time
from porch.site.composing import with_matter, with_order, with_tables
from porch.site.content import KINDS, Front, Interest, Project, Text
from porch.site.naming import file_stem
from porch.site.problems import ContentError
from porch.site.reading import FRONT, Files, read_item, read_site
from porch.site.whole import Item, Site
from porch.texts import gettext, lazy_gettext
from porch.web.identity import engines

DONE = {
    "moved": lazy_gettext("Moved."),
    "added": lazy_gettext("Added to the page."),
    "removed": lazy_gettext("Taken off the page. Its file is still there."),
    "deleted": lazy_gettext("Deleted. It can be brought back below."),
    "back": lazy_gettext("Brought back. What was there before can be brought back in turn."),
}
HEADINGS = {
    "hero": lazy_gettext("Hero"),
    "banner": lazy_gettext("Banner"),
    "about": lazy_gettext("About"),
    "projects": lazy_gettext("Projects"),
    "interests": lazy_gettext("Interests"),
}
# By what is kept of a change; where that ends in a space, the name of a file follows.
CHANGES = {
    "The front page": lazy_gettext("The front page"),
    "Order of the sections": lazy_gettext("Order of the sections"),
    "Order of the projects": lazy_gettext("Order of the projects"),
    "Order of the interests": lazy_gettext("Order of the interests"),
    "Brought back an older version": lazy_gettext("Brought back an older version"),
    "New: ": lazy_gettext("New: %(file)s"),
    "Deleted ": lazy_gettext("Deleted %(file)s"),
}
HERE = "/site/"
REFUSALS = (Invalid, Conflict, RetryLater, NotFound)
NEW = {"project": "projects/", "interest": "interests/", "text": "", "html": ""}


@blueprint.get("/site/")
def site_overview() -> Response:
    host(HERE)
    return make_response(_page())


@blueprint.get("/site/new/")
@blueprint.get("/site/order/")
@blueprint.get("/site/delete/")
@blueprint.get("/site/undo/")
def back_to_site() -> Response:
    """For who opens the address of a form, as by pressing Enter in the address bar."""
    return redirect(HERE)


@blueprint.post("/site/new/")
def new_file() -> Response:
    """A draft with nothing in it but its title."""
    actor = host(HERE)
    kind, title = request.form.get("kind", ""), request.form.get("title", "").strip()
    typed = {kind: title[:LONGEST_TYPED]}
    if kind not in NEW:
        return _refused(Invalid(gettext("There is no such kind.")))
    if not title:
        return _refused(Invalid(gettext("Give it a title.")))
    path = _path_for(kind, title)
    values: dict[str, Any] = {"title": title, "draft": True}
    if kind == "project":
        values["summary"] = gettext("What it is, in a sentence or two.")
    body = "" if kind != "html" else f"<p>{gettext('Your own HTML.')}</p>"

    def make(files: Files) -> dict[str, bytes | None]:
        made: dict[str, bytes | None] = {path: with_matter(None, values, body)}
        if kind in ("text", "html"):
            sections = [*_front(files).sections, path]
            made[FRONT] = with_tables(files.get(FRONT, b""), {"": {"sections": sections}})
        return made

    try:
        actions.change_files(engines(), actor, make, seen={path: ""}, change=f"New: {path}")
    except REFUSALS as error:
        if isinstance(error, Conflict):
            error = Conflict(gettext("There is a file %(file)s already. Choose another title.", file=path))
        return _refused(error, typed)
    return redirect(url_for("pages.edit_file", path=path, done="new"), 303)


def _path_for(kind: str, title: str) -> str:
    """The file of what is new, named by its title, or by its kind where the title has no letter for an
    address: then it is the first that is free.
    """
    folder, ending = NEW[kind], "html" if kind == "html" else "md"
    if stem := file_stem(title):
        return f"{folder}{stem}.{ending}"
    there, word = actions.files_now(engines()), kind if folder else "section"
    named = (f"{folder}{word}{'' if number == 1 else f'-{number}'}.{ending}" for number in count(1))
    return next(path for path in named if path not in there)


@blueprint.post("/site/order/")
def change_order() -> Response:
    """Move a section, a project or an interest, or put a section on the page or off it."""
    actor = host(HERE)
    form = request.form
    make = MOVES.get(form.get("list", ""))
    if make is None:
        return _refused(Invalid(gettext("There is no such list.")))
    what = {"up": "moved", "down": "moved", "add": "added"}.get(form.get("move", ""), "removed")
    return _changed(actor, make, f"Order of the {form['list']}", what)


@blueprint.post("/site/delete/")
def delete_file() -> Response:
    actor = host(HERE)
    path = request.form.get("path", "")

    def make(files: Files) -> dict[str, bytes | None]:
        if path not in files or path == FRONT:
            raise NotFound(gettext("There is no such file."))
        made: dict[str, bytes | None] = {path: None}
        if path in _front(files).sections:
            sections = [name for name in _front(files).sections if name != path]
            made[FRONT] = with_tables(files.get(FRONT, b""), {"": {"sections": sections}}, keep=True)
        return made

    return _changed(actor, make, f"Deleted {path}"[:80], "deleted")


@blueprint.post("/site/undo/")
def undo() -> Response:
    actor = host(HERE)
    try:
        actions.bring_back(
            engines(), actor, request.form.get("version", ""), seen=request.form.get("seen", "")
        )
    except REFUSALS as error:
        return _refused(error)
    return redirect(f"{HERE}?done=back", 303)


def _changed(actor: Actor, make: actions.Change, change: str, what: str) -> Response:
    seen = {"*": request.form.get("seen", "")}
    try:
        actions.change_files(engines(), actor, make, seen=seen, change=change)
    except REFUSALS as error:
        return _refused(error)
    return redirect(f"{HERE}?done={what}", 303)


def _move_section(files: Files) -> dict[str, bytes | None]:
    sections = list(_front(files).sections)
    name, move = request.form.get("name", ""), request.form.get("move")
    place = request.form.get("place", type=int)
    if move == "add":
        if name not in KINDS and name not in files:
            raise NotFound(gettext("There is no such section."))
        sections.append(name)
    else:
        if place is None or not 0 <= place < len(sections) or sections[place] != name:
            raise Conflict(actions.CHANGED)
        del sections[place]
        if move in ("up", "down"):
            sections.insert(max(0, place + (1 if move == "down" else -1)), name)
    return {FRONT: with_tables(files.get(FRONT, b""), {"": {"sections": sections}}, keep=True)}


def _move_item(folder: str, kind: type[Project] | type[Interest]) -> actions.Change:
    """Every file gets its place as a number, so that one that is moved stands between two others."""

    def make(files: Files) -> dict[str, bytes | None]:
        name, move = request.form.get("name", ""), request.form.get("move")
        paths = _in_order(files, folder, kind)
        if name not in paths:
            raise NotFound(gettext("There is no such file."))
        place = paths.index(name)
        paths.insert(max(0, place + (1 if move == "down" else -1)), paths.pop(place))
        return {path: with_order(files[path], number) for number, path in enumerate(paths, 1)}

    return make


MOVES: Mapping[str, actions.Change] = {
    "sections": _move_section,
    "projects": _move_item("projects/", Project),
    "interests": _move_item("interests/", Interest),
}


def _in_order(files: Files, folder: str, kind: type[Project] | type[Interest]) -> list[str]:
    """As the page has them, drafts among them."""
    keys: dict[str, tuple[bool, int, str]] = {}
    for path in files:
        if path.startswith(folder):
            item = read_item(path, files[path], kind)
            featured = isinstance(item.meta, Project) and item.meta.featured
            keys[path] = (not featured, item.meta.order, item.slug)
    return sorted(keys, key=lambda path: keys[path])


def _front(files: Files) -> Front:
    return read_site(files).front


def _refused(error: PorchError, typed: Mapping[str, str] | None = None) -> Response:
    words = error.problems if isinstance(error, actions.WrongContent) else [error.message]
    return refusal(_page([str(one) for one in words], typed), error)


def _page(problems: list[str] | None = None, typed: Mapping[str, str] | None = None) -> str:
    """`typed` is the title that was typed, by the kind of what it is for."""
    state = engines().site.state()
    files = actions.files_now(engines())
    site: Site | None = None
    try:
        site = read_site(files)
    except ContentError as error:
        problems = [*(problems or []), *map(str, error.problems)]
    return render_template(
        "site/overview.html",
        here=HERE,
        notice=done(DONE),
        problems=problems or [],
        typed=typed or {},
        whole=site,
        sections=_sections(site) if site else [],
        unused=_unused(site) if site else {},
        projects=_listed(site.every_project, featured=True) if site else [],
        interests=_listed(site.every_interest, featured=False) if site else [],
        files=sorted(files),
        seen=actions.overview(files),
        sample=state.origin == "sample",
        media=len(state.media),
        versions=[
            {"name": one.name, "change": _change_words(one.change), "at": day_and_time(one.at.isoformat())}
            for one in actions.versions(engines())
        ],
    )


def _change_words(change: str) -> str:
    """What was changed is kept in English; here it is told in the language of the page."""
    for beginning, words in CHANGES.items():
        if change == beginning or (beginning.endswith(" ") and change.startswith(beginning)):
            return str(words) % {"file": change.removeprefix(beginning)}
    return change


def _sections(site: Site) -> list[dict[str, Any]]:
    """What site.toml names, with the form each is edited in, and whether it is shown."""
    texts = {item.file: item for item in site.texts}
    found = []
    for name in site.front.sections:
        file = "about.md" if name == "about" else name
        item = texts.get(file)
        shown = any(section.item == item and item for section in site.shown) or any(
            section.kind == name for section in site.shown
        )
        is_file = "." in file
        found.append(
            {
                "name": name,
                "title": _heading(name, item),
                "edit": f"/site/files/{file}/" if is_file and item else f"/site/front/#{name}",
                "draft": bool(item and item.meta.draft),
                "shown": shown,
            }
        )
    return found


def _heading(name: str, item: Item[Text] | None) -> str:
    """What a section is called; one that has no title, and no word in the links, by its file."""
    called = (item.meta.title or item.meta.nav) if item else ""
    return called or str(HEADINGS.get(name, name.partition(".")[0].replace("-", " ").capitalize()))


def _unused(site: Site) -> dict[str, str]:
    """What could be put on the page: how it is called, by its name."""
    texts = {"about" if item.file == "about.md" else item.file: item for item in site.texts}
    names = [name for name in dict.fromkeys([*KINDS, *texts]) if name not in site.front.sections]
    return {name: _heading(name, texts.get(name)) for name in names}


def _listed(items: Any, *, featured: bool) -> list[Any]:
    return sorted(items, key=lambda item: (featured and not item.meta.featured, item.meta.order, item.slug))
