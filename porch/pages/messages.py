"""Editing and deleting one's own message by forms, and taking back somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.access.links import chat_by_link
from porch.access.messages import deletable_message, own_message
from porch.actions.messages.edits import delete_message, edit_message
from porch.errors import Conflict, Invalid, RetryLater, TooFast
from porch.models import Chat
from porch.pages import blueprint
from porch.pages.entrance import person, while_it_stands
from porch.pages.forms import field_errors, refusal
from porch.web.identity import engines


@dataclass(frozen=True)
class Own:
    """A message, in its room, and who wrote it, or may take it back."""

    message: RowMapping
    chat: Chat
    actor: Actor

    @property
    def address(self) -> str:
        return url_for("pages.permalink", hash_key=self.chat.hash_key, seq=self.message["seq"])

    @property
    def place(self) -> str:
        """The address, where also a browser without scripts scrolls to the message."""
        return f"{self.address}#m{self.message['seq']}"


@blueprint.get("/chatrooms/<hash_key>/messages/<int:seq>/edit/")
def ask_edit_message(hash_key: str, seq: int) -> Response:
    own = _own(hash_key, seq)
    return (
        redirect(own.place) if own.message["deleted"] else make_response(_page(own, own.message["content"]))
    )


@blueprint.post("/chatrooms/<hash_key>/messages/<int:seq>/edit/")
def edit_own_message(hash_key: str, seq: int) -> Response:
    own = _own(hash_key, seq)
    content = request.form.get("content", "")
    try:
        edit_message(engines(), own.actor, own.chat.id, seq, content=content)
    except (Invalid, TooFast, RetryLater) as error:
        return refusal(_page(own, content, field_errors(error, "content")), error)
    except Conflict:  # deleted meanwhile, which the page says
        pass
    return redirect(own.place, 303)


@blueprint.get("/chatrooms/<hash_key>/messages/<int:seq>/delete/")
def ask_delete_message(hash_key: str, seq: int) -> Response:
    own = _own(hash_key, seq, deletable_message)
    if own.message["deleted"]:
        return redirect(own.place)
    return make_response(render_template("messages/delete.html", own=own))


@blueprint.post("/chatrooms/<hash_key>/messages/<int:seq>/delete/")
def delete_own_message(hash_key: str, seq: int) -> Response:
    own = _own(hash_key, seq, deletable_message)
    delete_message(engines(), own.actor, own.chat.id, seq)
    return redirect(own.place, 303)


def _own(hash_key: str, seq: int, found: Callable[[Actor, int, int], RowMapping] = own_message) -> Own:
    """The message of an address, for whoever wrote it and is a member, or as `found` has it. Raises NotFound,
    and Forbidden for other members; who was one when the room was deleted is sent to its page, which says so.
    """
    actor = person(url_for("pages.permalink", hash_key=hash_key, seq=seq))
    with while_it_stands(hash_key):
        chat = chat_by_link(hash_key, actor)
        return Own(found(actor, chat.id, seq), chat, actor)


def _page(own: Own, content: str, errors: dict[str, str] | None = None) -> str:
    return render_template("messages/edit.html", own=own, content=content, errors=errors or {})
