"""Choosing a message without scripts, reporting it, and the host's page of all reports."""

from __future__ import annotations

from contextlib import suppress

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch.access.actors import Actor, require_host
from porch.access.chats import chat_for
from porch.access.links import chat_by_link
from porch.access.messages import message_of_another
from porch.actions.order.reports import all_reports, audience, report_message, resolve
from porch.actions.reading.excerpts import excerpt_around, newest_excerpt
from porch.actions.rooms.chats import own_chat_dict
from porch.errors import Conflict, Invalid, NotFound, RetryLater, TooFast
from porch.models import Chat
from porch.pages import blueprint
from porch.pages.entrance import person, while_it_stands
from porch.pages.forms import done, field_errors, refusal
from porch.pages.rooms import place_after
from porch.texts import lazy_gettext
from porch.web.identity import engines
from porch.web.wording import with_shown_name

LONGEST_SHOWN = 500  # characters of a reason that come back with what was wrong with it
ALL = "/account/reports/"
DONE = {
    "resolved": lazy_gettext("Dealt with."),
    "reported": lazy_gettext("Reported. Those who keep order will look at it."),
}


@blueprint.get("/chatrooms/<hash_key>/messages/")
def choose_message(hash_key: str) -> str:
    """The newest messages, each with what one may do about it; with `?at=`, those around a place."""
    actor, chat = _room(hash_key, url_for("pages.choose_message", hash_key=hash_key))
    at = request.args.get("at", type=int)
    log = newest_excerpt(actor, chat.id) if at is None else excerpt_around(actor, chat.id, at)
    return render_template(
        "messages/choose.html",
        chat=with_shown_name(log.chat),
        messages=log.messages,
        older=log.older,
        notice=done(DONE),
    )


@blueprint.get("/chatrooms/<hash_key>/messages/<int:seq>/report/")
def ask_report_message(hash_key: str, seq: int) -> str:
    return _page(hash_key, seq)


@blueprint.post("/chatrooms/<hash_key>/messages/<int:seq>/report/")
def report_one(hash_key: str, seq: int) -> Response:
    actor, chat = _room(hash_key, url_for("pages.permalink", hash_key=hash_key, seq=seq))
    reason = request.form.get("reason", "")
    try:
        report_message(engines(), actor, chat.id, seq, reason)
    except (Invalid, Conflict, TooFast, RetryLater) as error:
        return refusal(_page(hash_key, seq, reason[:LONGEST_SHOWN], field_errors(error, "reason")), error)
    return redirect(url_for("pages.choose_message", hash_key=hash_key, at=seq, done="reported"), 303)


@blueprint.get(ALL)
def reports() -> str:
    """All reports that wait, for the host."""
    page = all_reports(person(ALL), after=place_after())
    return render_template("accounts/reports.html", notice=done(DONE), **page)


@blueprint.get("/account/reports/<int:report_id>/")
def back_to_reports(report_id: int) -> Response:
    """For who opens the address of a form, as by pressing Enter in the address bar."""
    return redirect(ALL)


@blueprint.post("/account/reports/<int:report_id>/")
def resolve_any_report(report_id: int) -> Response:
    actor = person(ALL)
    require_host(actor)
    with suppress(NotFound):  # it went with whoever reported meanwhile
        resolve(engines(), actor, report_id, request.form.get("state", ""))
    return redirect(f"{ALL}?done=resolved", 303)


def _room(hash_key: str, then: str) -> tuple[Actor, Chat]:
    """The room of a link, for a member. Raises NotFound; who was one when the room was deleted is sent to its
    page, which says so.
    """
    actor = person(then)
    with while_it_stands(hash_key):
        return actor, chat_for(actor, chat_by_link(hash_key, actor).id)


def _page(hash_key: str, seq: int, reason: str = "", errors: dict[str, str] | None = None) -> str:
    actor, chat = _room(hash_key, url_for("pages.permalink", hash_key=hash_key, seq=seq))
    message = message_of_another(actor, chat.id, seq)
    return render_template(
        "messages/report.html",
        message=message,
        audience=audience(message["user_id"]),
        chat=with_shown_name(own_chat_dict(chat, actor)),
        reason=reason,
        errors=errors or {},
    )
