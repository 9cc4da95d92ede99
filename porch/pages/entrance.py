"""Ways in: who has to come in first, by which page, and what may be told to somebody on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote, urlsplit

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response

from porch.access.actors import NAME_GONE, Actor
from porch.access.links import chat_by_invitation, chat_by_link
from porch.errors import PorchError, RoomDeleted, Unauthenticated
from porch.pages.forms import is_sent_by_script
from porch.web.identity import current_actor, engines


def person(then: str) -> Actor:
    """Whoever asks. Somebody without a name is sent to get one, and comes back to the path `then`."""
    actor = current_actor()
    if actor is None:
        abort(to_log_in(then))
    if actor.username is None:
        abort(to_come_in(then))
    return actor


def somebody(then: str) -> Actor | None:
    """Whoever asks, or None for a stranger who may come in later. Where that takes an account that one has
    already, strangers are sent to log in, and come back to the path `then`.
    """
    actor = current_actor()
    if actor is None and not engines().settings.open_to_strangers:
        abort(to_log_in(then))
    return actor


@contextmanager
def while_it_stands(hash_key: str) -> Iterator[None]:
    """A block about the room of a link. Who was a member when it was deleted is sent to its page, which says
    so.
    """
    try:
        yield
    except RoomDeleted:
        abort(redirect(url_for("pages.chatroom", hash_key=hash_key), 303))


def to_log_in(then: str) -> Response:
    """Raises Unauthenticated for a form that stays while somebody logs in elsewhere."""
    if is_sent_by_script():
        raise Unauthenticated
    return redirect(f"/login/?next={quote(then)}", 303)


def to_come_in(then: str) -> Response:
    """The shortest way in: a name is enough, where guests are let in. Raises what `to_log_in` does."""
    if engines().settings.guests:
        if is_sent_by_script():  # by who had a name when the form was opened
            raise Unauthenticated(NAME_GONE)
        return redirect(f"/sessions/new/?next={quote(then)}", 303)
    return to_log_in(then)


def room_name(path: str) -> str | None:
    """The name of the room one is on the way to; what opens it is in the path, so it may be told."""
    try:
        match unquote(urlsplit(path).path).strip("/").split("/"):
            case ["chatrooms", hash_key] | ["chatrooms", hash_key, "messages", _]:
                return chat_by_link(hash_key, current_actor()).name
            case ["invitations", token]:
                return chat_by_invitation(token).name
    except PorchError:
        return None
    return None
