"""The lobby, opening a room, the room's page, and that page around one message."""

from __future__ import annotations

import uuid
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.access.chats import is_member
from porch.access.links import chat_by_link
from porch.actions.messages.pins import pins_of
from porch.actions.messages.sending import Said, send_message, was_sent
from porch.actions.notifications.push import is_told
from porch.actions.notifications.unread import attention_to
from porch.actions.order.members import members_of
from porch.actions.order.reports import rooms_with_reports, waiting_in, waiting_reports
from porch.actions.reading.excerpts import excerpt_around, newest_excerpt
from porch.actions.rooms.chats import join_chat, kinds_for, open_chat
from porch.actions.rooms.direct_list import directs_of
from porch.actions.rooms.directs import beside
from porch.actions.rooms.lobby import LONGEST_SEARCH, lobby
from porch.actions.rooms.presence import enter_chat, present_in
from porch.errors import Conflict, Forbidden, Invalid, RetryLater, RoomDeleted, TooFast
from porch.pages import blueprint
from porch.pages.entrance import person, somebody, to_come_in
from porch.pages.forms import LONGEST_TYPED, done, field_errors, refusal
from porch.pages.qr import qr_code
from porch.pages.restraint import restraint
from porch.pages.uploads import REFUSALS, has_file, uploaded, with_room_for_a_file
from porch.texts import lazy_gettext
from porch.web.assets import json_for_html
from porch.web.identity import creation_cookie, current_actor, engines, network, who
from porch.web.wording import with_shown_name

DONE = {
    "left": lazy_gettext("You have left the room for good. Its link lets you in again."),
    "deleted": lazy_gettext("The room was deleted, with all that was said in it."),
    "ignored": lazy_gettext("You will not hear of it again. Whoever writes to you there is not told."),
    "blocked": lazy_gettext("They are blocked: nothing of theirs reaches you in private. They are not told."),
}


@blueprint.get("/chatrooms/")
def chatrooms() -> str:
    return lobby_page()


@blueprint.post("/chatrooms/")
def create_chatroom() -> Response:
    name, kind = request.form.get("name", ""), request.form.get("kind")
    actor = somebody("/chatrooms/")
    if actor is not None and actor.username is None:
        return to_come_in("/chatrooms/")
    try:
        chat = open_chat(engines(), actor, name=name, kind=kind, address=network())
    except (Invalid, Forbidden, TooFast, RetryLater) as error:
        return refusal(
            lobby_page({"name": name, "kind": kind or ""}, field_errors(error, "name", "kind")), error
        )
    answer = redirect(url_for("pages.chatroom", hash_key=chat.hash_key), 303)
    if actor is None:
        creation_cookie().add(request, answer, chat.id)
    return answer


@blueprint.get("/chatrooms/<hash_key>/")
def chatroom(hash_key: str) -> Response:
    return _visit(hash_key)


@blueprint.get("/chatrooms/<hash_key>/messages/<int:seq>/")
def permalink(hash_key: str, seq: int) -> Response:
    return _visit(hash_key, at=seq)


@blueprint.get("/chatrooms/<hash_key>/answer/")
@blueprint.get("/chatrooms/<hash_key>/level/")
def back_to_chatroom(hash_key: str) -> Response:
    """For who opens the address of a form of the room's page, as by pressing Enter in the address bar."""
    place = url_for("pages.chatroom", hash_key=hash_key)
    chat_by_link(hash_key, person(place))
    return redirect(place)


@blueprint.post("/chatrooms/<hash_key>/")
def send_to_chatroom(hash_key: str) -> Response:
    actor, content = current_actor(), ""
    try:
        chat = chat_by_link(hash_key, actor)
        if actor is None or actor.username is None:
            return to_come_in(url_for("pages.chatroom", hash_key=chat.hash_key))
        with_room_for_a_file()
        content, client_id = request.form.get("content", ""), request.form.get("client_id", "")
        join_chat(engines(), actor, hash_key)
        if not (has_file() and was_sent(actor, chat.id, client_id, content)):
            said = Said(content, client_id, files=uploaded(actor, chat.id))
            send_message(engines(), actor, chat.id, said)
    except RoomDeleted as error:
        return make_response(lobby_page(gone=error.name), error.status)
    except (*REFUSALS, Conflict) as error:
        assert actor is not None, "only somebody who may write can be refused like this"
        return refusal(_room(actor, hash_key, content, field_errors(error, "content")), error)
    return redirect(url_for("pages.chatroom", hash_key=chat.hash_key), 303)


def _visit(hash_key: str, *, at: int | None = None) -> Response:
    """The room's page for whoever may see it, around the place `at`; others are sent to come in first."""
    actor = current_actor()
    try:
        chat = chat_by_link(hash_key, actor)
        if actor is None or actor.username is None:
            if at is None:
                return to_come_in(url_for("pages.chatroom", hash_key=chat.hash_key))
            return to_come_in(url_for("pages.permalink", hash_key=chat.hash_key, seq=at))
        if chat.encryption != "none" and not is_member(actor, chat.id):
            return make_response(render_template("chatrooms/sealed.html", chat=chat))
        return room_page(actor, hash_key, at=at)
    except RoomDeleted as error:
        return make_response(lobby_page(gone=error.name), error.status)


def room_page(actor: Actor, hash_key: str, *, at: int | None = None) -> Response:
    """The page of a room or a direct chat that the actor may see, around the place `at`."""
    return make_response(_room(actor, hash_key, at=at))


def lobby_page(
    form: dict[str, str] | None = None, errors: dict[str, str] | None = None, *, gone: str | None = None
) -> str:
    """The lobby, with what was typed in one of its forms and what was wrong with it. `gone` is the name of a
    room that was deleted while somebody was in it.
    """
    actor = current_actor()
    q = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    page: dict[str, Any] = {"chats": [], "more": False}
    talks: dict[str, Any] = {"directs": [], "more": False}
    reports: dict[str, Any] = {}
    if actor is not None and actor.username is not None:
        page = lobby(engines(), actor, q=q or None)
        talks = directs_of(engines(), actor)
        is_host = actor.role == "admin"
        reports = {"all": waiting_reports(actor)} if is_host else {"rooms": rooms_with_reports(actor)}
    kinds = kinds_for(actor)
    return render_template(
        "chatrooms/index.html",
        form={"name": "", "kind": kinds[0], "username": ""}
        | {name: text[:LONGEST_TYPED] for name, text in (form or {}).items()},
        errors=errors or {},
        kinds=kinds,
        rooms=page["chats"],
        directs=talks["directs"],
        more=page["more"],
        reports=reports,
        q=q,
        gone=gone,
        notice=done(DONE),
        lobby_data=json_for_html(
            page
            | {
                "directs": talks["directs"],
                "me": actor and who(actor),
                "live": engines().settings.live,
                "pushed": actor is not None and is_told(engines(), actor),
            }
        ),
    )


def _room(
    actor: Actor,
    hash_key: str,
    content: str = "",
    errors: dict[str, str] | None = None,
    *,
    at: int | None = None,
) -> str:
    chat_id = join_chat(engines(), actor, hash_key).id
    log = newest_excerpt(actor, chat_id) if at is None else excerpt_around(actor, chat_id, at)
    if not errors:  # who is shown their text again is there already
        enter_chat(engines(), actor, chat_id)
    present = present_in(engines(), actor, chat_id)
    known = attention_to(actor, chat_id)
    settings = engines().settings
    share_url = (settings.url or request.host_url.rstrip("/")) + log.chat["url"]
    state = {
        "chat": log.chat,
        "rev": log.chat["rev"],
        "more_before": log.older is not None,
        "more_after": log.newer is not None,
        "at": at,
        "me": who(actor),
        "live": settings.live,
        "attention": known,
        "pushed": is_told(engines(), actor),
    }
    is_direct = log.chat["kind"] == "direct"
    return render_template(
        "direct/show.html" if is_direct else "chatrooms/show.html",
        chat=with_shown_name(log.chat),
        beside=beside(actor, log.chat["with"]["user_id"]) if is_direct else None,
        messages=log.messages,
        reader=None if log.messages or is_direct else _another_member(actor, chat_id),
        older=log.older,
        newer=log.newer,
        at=at,
        nearest=None if at is None else log.nearest(at),
        present=present,
        attention=known,
        restraint=restraint(log.chat),
        pins=pins_of(actor, chat_id),
        reports=waiting_in(actor, chat_id) if log.chat.get("may_moderate") else 0,
        uploads=settings.largest_upload,
        share_url=share_url,
        # Of a sealed room the server does not know the link.
        qr="" if is_direct or log.chat.get("encryption") else qr_code(share_url),
        room_data=json_for_html(state),
        form={"content": content, "client_id": str(uuid.uuid4())},
        errors=errors or {},
    )


def _another_member(actor: Actor, chat_id: int) -> str | None:
    """The name of somebody else who reads what is said: the host, where a visitor asked to talk."""
    members = members_of(engines(), actor, chat_id, limit=2)["members"]
    return next((one["username"] for one in members if one["user_id"] != actor.user_id), None)
