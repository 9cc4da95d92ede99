"""Direct chats: opening one by a name, its page, and answering the other person."""

from __future__ import annotations

from urllib.parse import quote

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.access.chats import chat_for, peer_of
from porch.access.links import chat_by_link
from porch.actions.people.blocks import block, unblock
from porch.actions.rooms.chats import own_chat_dict
from porch.actions.rooms.directs import answer_direct, find_direct, name_of, open_direct
from porch.errors import Forbidden, ForeignOrigin, Invalid, RetryLater, TooFast
from porch.models.ids import is_id
from porch.pages import blueprint
from porch.pages.chatrooms import lobby_page, room_page
from porch.pages.entrance import person, while_it_stands
from porch.pages.forms import field_errors, refusal, typed
from porch.texts import gettext
from porch.web.identity import engines
from porch.web.origin import refuse_foreign_origin
from porch.web.wording import with_shown_name

LOBBY = "/chatrooms/#direct"


class Name(BaseConverter):
    """A name at the end of an address, with the slash behind it. A name may have slashes wherever it likes,
    and `/x` is somebody else than `x`: none is taken for the address's own but the last.
    """

    part_isolating = False
    regex = ".+"

    def to_python(self, value: str) -> str:
        name = value.removesuffix("/")
        if not name:
            raise ValidationError
        return name

    def to_url(self, value: str) -> str:
        return quote(value, safe="") + "/"


blueprint.record_once(lambda state: state.app.url_map.converters.update(name=Name))


@blueprint.get("/direct/")
def directs() -> Response:
    """`?to=` is somebody by their number, as a name that stands over old words may be another's by now."""
    actor = person("/chatrooms/")
    to = request.args.get("to", type=int)
    if to is None or not is_id(to):
        return redirect(LOBBY)
    name = name_of(actor, to)
    if not _is_own_wish():
        return _ask(name)
    chat_id = find_direct(engines(), actor, name) or open_direct(engines(), actor, name)[0]
    return redirect(url_for("pages.chatroom", hash_key=_hash_key(actor, chat_id)))


@blueprint.post("/direct/")
def create_direct() -> Response:
    actor = person("/chatrooms/")
    username = typed("username")
    try:
        chat_id, _ = open_direct(engines(), actor, username)
    except (Invalid, Forbidden, TooFast, RetryLater) as error:
        return refusal(lobby_page({"username": username}, field_errors(error, "username")), error)
    return redirect(url_for("pages.chatroom", hash_key=_hash_key(actor, chat_id)), 303)


@blueprint.get("/direct/<name:username>")
def direct(username: str) -> Response:
    """The chat with whoever has this name. The first time somebody is asked by it, which no other site may do
    in a visitor's name, and no browser that only looks ahead.
    """
    here = url_for("pages.direct", username=username)
    if not request.path.endswith("/"):
        return redirect(here, 308)
    actor = person(here)
    chat_id = find_direct(engines(), actor, username)
    if chat_id is None and not _is_own_wish():
        return _ask(username)
    return room_page(actor, _hash_key(actor, chat_id or open_direct(engines(), actor, username)[0]))


@blueprint.get("/chatrooms/<hash_key>/verify/")
def verify(hash_key: str) -> Response:
    """Where two people compare their keys, at the same address for both; in a room there is nothing to."""
    actor = person(url_for("pages.verify", hash_key=hash_key))
    with while_it_stands(hash_key):
        chat = chat_by_link(hash_key, actor)
    if chat.kind != "direct":
        return redirect(url_for("pages.chatroom", hash_key=hash_key))
    return make_response(
        render_template("direct/verify.html", chat=with_shown_name(own_chat_dict(chat, actor)))
    )


@blueprint.post("/chatrooms/<hash_key>/answer/")
def answer(hash_key: str) -> Response:
    """What somebody does about the other person of a direct chat."""
    place = url_for("pages.chatroom", hash_key=hash_key)
    actor = person(place)
    chat_id = chat_by_link(hash_key, actor).id
    peer_id = peer_of(actor, chat_id)
    match request.form.get("answer"):
        case "open":
            answer_direct(engines(), actor, chat_id, "open")
        case "ignored":
            answer_direct(engines(), actor, chat_id, "ignored")
            return redirect("/chatrooms/?done=ignored", 303)
        case "block":
            block(engines(), actor, peer_id)
            return redirect("/chatrooms/?done=blocked", 303)
        case "unblock":
            unblock(engines(), actor, peer_id)
        case _:
            raise Invalid(gettext("There is no such answer."))
    return redirect(place, 303)


def _is_own_wish() -> bool:
    if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return False
    try:
        refuse_foreign_origin(request.environ)
    except ForeignOrigin:
        return False
    return True


def _hash_key(actor: Actor, chat_id: int) -> str:
    return chat_for(actor, chat_id).hash_key


def _ask(username: str) -> Response:
    """Where somebody may press Chat, who has come from elsewhere."""
    return make_response(render_template("direct/ask.html", username=username))
