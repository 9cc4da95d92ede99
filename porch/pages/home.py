"""The owner's own site: its front page, a page for each project, and the projects of one kind."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from porch.errors import NotFound
from porch.pages import blueprint
from porch.web.assets import integrity
from porch.web.headers import allow_by_hash, allow_more
from porch.web.identity import current_actor
from porch.web.kept import kept
from porch.web.site import View, current_view, guarded, view_key

# The only scripts of these pages. What strangers get is kept, so it carries no nonce.
SCRIPTS = ("landing", "site")


@blueprint.get("/")
def home() -> Response:
    return site_page("home.html", current_view())


@blueprint.get("/projects/")
def projects() -> Response:
    view = current_view()
    if not view.site.projects:
        raise NotFound
    return site_page("site/project_list.html", view, items=view.site.projects, tag=None)


@blueprint.get("/projects/tagged/<tag>/")
def tagged_projects(tag: str) -> Response:
    view = current_view()
    found = next((one for one in view.site.tags if one.slug == tag), None)
    if found is None:
        raise NotFound
    return site_page("site/project_list.html", view, items=view.site.tagged(tag), tag=found)


@blueprint.get("/projects/<slug>/")
def project(slug: str) -> Response:
    view = current_view()
    item = view.site.project(slug)
    if item is None:
        raise NotFound
    return site_page("site/project.html", view, item=item)


def site_page(template: str, view: View, **values: object) -> Response:
    """A page of the site, for strangers from what is kept."""
    prepare_policy(view)
    return kept((request.path, *view_key(view)), lambda: render_site(template, view, **values))


def prepare_policy(view: View) -> None:
    if current_actor() is None:
        allow_by_hash(*map(integrity, SCRIPTS))
    if view.needs_style_attributes:
        allow_more("style-src-attr 'unsafe-inline'")


def render_site(template: str, view: View, **values: object) -> str:
    return render_template(template, view=view, site=view.site, here=request.path, guarded=guarded, **values)
