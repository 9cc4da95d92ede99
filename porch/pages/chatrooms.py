"""Opening a room, and the room's page."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch import access
from porch.actions.chats import join_chat, open_chat
from porch.actions.messages import newest_messages, own_chat_dict, send_message
from porch.errors import Conflict, Invalid, PorchError, RetryLater, TooFast
from porch.pages import blueprint
from porch.pages.qr import qr_code
from porch.web.assets import json_for_html
from porch.web.identity import creation_cookie, current_actor, engines


@blueprint.get("/chatrooms/")
def chatrooms() -> str:
    return _index()


@blueprint.post("/chatrooms/")
def create_chatroom() -> Response:
    name = request.form.get("name", "")
    actor = current_actor()
    if actor is not None and actor.username is None:
        return _to_sign_in("/chatrooms/")
    try:
        chat = open_chat(engines(), actor, name=name, address=request.remote_addr or "")
    except (Invalid, TooFast, RetryLater) as error:
        return make_response(_index(name, _field_errors(error, "name")), error.status)
    answer = make_response(redirect(url_for("pages.chatroom", hash_key=chat.hash_key), 303))
    if actor is None:
        creation_cookie().add(request, answer, chat.id)
    return answer


@blueprint.get("/chatrooms/<hash_key>/")
def chatroom(hash_key: str) -> Response:
    return _room(hash_key)


@blueprint.post("/chatrooms/<hash_key>/")
def send_to_chatroom(hash_key: str) -> Response:
    actor = current_actor()
    chat = access.chat_by_link(hash_key)
    if actor is None or actor.username is None:
        return _to_sign_in(url_for("pages.chatroom", hash_key=chat.hash_key))
    join_chat(engines(), actor, hash_key)
    content, client_id = request.form.get("content", ""), request.form.get("client_id", "")
    try:
        send_message(engines(), actor, chat.id, content=content, client_id=client_id)
    except (Invalid, Conflict, TooFast, RetryLater) as error:
        return _room(hash_key, content, _field_errors(error, "content"), error.status)
    return redirect(url_for("pages.chatroom", hash_key=chat.hash_key), 303)


def _index(name: str = "", errors: dict[str, str] | None = None) -> str:
    actor = current_actor()
    rooms = [own_chat_dict(chat, actor) for chat in access.chats_of(actor)] if actor else []
    return render_template(
        "chatrooms/index.html", form={"name": name[:256]}, errors=errors or {}, rooms=rooms
    )


def _room(
    hash_key: str, content: str = "", errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    chat = access.chat_by_link(hash_key)
    actor = current_actor()
    if actor is None or actor.username is None:
        return _to_sign_in(url_for("pages.chatroom", hash_key=chat.hash_key))
    join_chat(engines(), actor, hash_key)
    fields, page = newest_messages(actor, chat.id)
    settings = engines().settings
    share_url = (settings.url or request.host_url.rstrip("/")) + fields["url"]
    state = {
        "chat": fields,
        "rev": page.rev,
        "more_before": page.more,
        "me": {"user_id": actor.user_id, "username": actor.username, "guest": actor.guest},
        "live": settings.live,
    }
    return make_response(
        render_template(
            "chatrooms/show.html",
            chat=fields,
            messages=page.messages,
            rev=page.rev,
            more_before=page.more,
            share_url=share_url,
            qr=qr_code(share_url),
            room_data=json_for_html(state),
            form={"content": content, "client_id": str(uuid.uuid4())},
            errors=errors or {},
        ),
        status,
    )


def _to_sign_in(then: str) -> Response:
    return redirect(f"/sessions/new/?next={quote(then)}", 303)


def _field_errors(error: PorchError, field: str) -> dict[str, str]:
    """What to show at the form's field, also when the error is about something that is not in sight."""
    named = error.fields if isinstance(error, Invalid) else {}
    return {field: named.get(field, error.message)}
