"""A room's settings, its people, its one-time links, and its end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch import lookup
from porch.access.actors import Actor
from porch.access.chats import known_chat
from porch.access.links import chat_by_invitation, chat_by_link
from porch.access.order import NOT_YOURS, may_manage, may_moderate
from porch.actions.order.members import add_member, invite, members_of, remove_member
from porch.actions.order.removals import removable
from porch.actions.rooms.chats import change_chat, delete_chat, kinds_for, own_chat_dict
from porch.errors import Conflict, Forbidden, Invalid, NotFound, PorchError, RetryLater, TooFast
from porch.models import Chat
from porch.models.chat import KINDS
from porch.models.ids import LARGEST_ID
from porch.pages import blueprint
from porch.pages.entrance import person, while_it_stands
from porch.pages.forms import LONGEST_TYPED, done, field_errors, refusal
from porch.texts import lazy_gettext
from porch.web.identity import engines

DONE = {
    "saved": lazy_gettext("Saved. Everybody in the room sees it."),
    "member": lazy_gettext("They are a member now, and find the room among theirs."),
    "removed": lazy_gettext("They are no longer a member."),
}
# The one-time link that was just made: shown once, by the page the form leads to.
INVITATION_COOKIE = "porch-invitation"
INVITATION_SECONDS = 60


@dataclass(frozen=True)
class Room:
    """A room and somebody in it, who decides about it or does not, and keeps order in it or does not."""

    chat: Chat
    actor: Actor
    managed: bool
    moderated: bool

    @property
    def place(self) -> str:
        return url_for("pages.chatroom", hash_key=self.chat.hash_key)

    @property
    def address(self) -> str:
        return url_for("pages.room_settings", hash_key=self.chat.hash_key)


@blueprint.get("/chatrooms/<hash_key>/settings/")
def room_settings(hash_key: str) -> Response:
    room = room_of(hash_key)
    if not room.managed:
        return make_response(_leave_page(room), 403)
    answer = make_response(_page(room, link=_new_link(room.chat)))
    if INVITATION_COOKIE in request.cookies:
        answer.delete_cookie(INVITATION_COOKIE, path=room.address)
    return answer


@blueprint.post("/chatrooms/<hash_key>/settings/")
def change_room(hash_key: str) -> Response:
    room = managed_room(hash_key)
    name, kind = request.form.get("name", room.chat.name), request.form.get("kind", room.chat.kind)
    try:
        change_chat(engines(), room.actor, room.chat.id, name=name, kind=kind)
    except (Invalid, Forbidden, TooFast, RetryLater) as error:
        errors = field_errors(error, "kind" if isinstance(error, Forbidden) else "name", "kind")
        return refusal(_page(room, {"name": name[:LONGEST_TYPED], "kind": kind}, errors), error)
    return _done(room, "saved")


@blueprint.get("/chatrooms/<hash_key>/members/")
def room_members(hash_key: str) -> Response:
    """Who is a member, for every one of them."""
    here = url_for("pages.room_members", hash_key=hash_key)
    room = room_of(hash_key, here)
    if room.chat.kind == "direct":
        return redirect(room.place)
    after = place_after()
    listing = members_of(engines(), room.actor, room.chat.id, after=after)
    return make_response(
        render_template("rooms/members.html", here=here, room=fields(room), after=after, **listing)
    )


@blueprint.get("/chatrooms/<hash_key>/invitations/")
def back_to_settings(hash_key: str) -> Response:
    """For who opens the address of a form, as by pressing Enter in the address bar."""
    return redirect(room_of(hash_key).address)


@blueprint.post("/chatrooms/<hash_key>/members/")
def invite_member(hash_key: str) -> Response:
    room = managed_room(hash_key)
    username = request.form.get("username", "")
    try:
        add_member(engines(), room.actor, room.chat.id, username)
    except (Invalid, Forbidden, TooFast, RetryLater) as error:
        errors = field_errors(error, "username")
        return refusal(_page(room, {"username": username[:LONGEST_TYPED]}, errors), error)
    return _done(room, "member")


@blueprint.get("/chatrooms/<hash_key>/members/<int:user_id>/")
def ask_remove_member(hash_key: str, user_id: int) -> Response:
    """The question before somebody is removed, or leaves for good."""
    room = room_of(hash_key)
    if user_id == room.actor.user_id:
        return make_response(_leave_page(room, asked=True))
    if not room.moderated:
        return make_response(_leave_page(room), 403)
    member = removable(room.actor, room.chat.id, user_id)
    if member is None:
        return redirect(_list_of(room))
    return make_response(
        render_template("rooms/remove.html", room=fields(room), member=member, list=_list_of(room))
    )


@blueprint.post("/chatrooms/<hash_key>/members/<int:user_id>/")
def remove_room_member(hash_key: str, user_id: int) -> Response:
    room = room_of(hash_key)
    leaves = user_id == room.actor.user_id
    with suppress(NotFound):  # gone by a second press
        remove_member(
            engines(),
            room.actor,
            room.chat.id,
            user_id,
            ban=request.form.get("ban", "yes") == "yes",
            take_back=request.form.get("take_back") == "yes",
        )
    if leaves:
        return redirect("/chatrooms/?done=left", 303)
    return redirect(f"{_list_of(room)}?done=removed", 303)


@blueprint.post("/chatrooms/<hash_key>/invitations/")
def make_invitation(hash_key: str) -> Response:
    room = managed_room(hash_key)
    try:
        token, _ = invite(engines(), room.actor, room.chat.id)
    except (Conflict, TooFast, RetryLater) as error:
        return refusal(_page(room, errors=field_errors(error, "invitation")), error)
    answer = make_response(redirect(room.address + "#link", 303))
    # Not in the address, which is kept in histories and logs.
    answer.set_cookie(
        INVITATION_COOKIE,
        token,
        max_age=INVITATION_SECONDS,
        path=room.address,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return answer


@blueprint.get("/chatrooms/<hash_key>/delete/")
def ask_delete_room(hash_key: str) -> Response:
    room = room_of(hash_key)
    if not room.managed:
        return make_response(_leave_page(room), 403)
    return make_response(render_template("rooms/delete.html", room=fields(room)))


@blueprint.post("/chatrooms/<hash_key>/delete/")
def delete_room(hash_key: str) -> Response:
    room = managed_room(hash_key)
    delete_chat(engines(), room.actor, room.chat.id)
    return redirect("/chatrooms/?done=deleted", 303)


def room_of(hash_key: str, here: str | None = None) -> Room:
    """The room of a link, for a member. Raises NotFound for others; who was one when the room was deleted
    is sent to its page, which says so. Who has to log in comes back to the page `here`, or the settings.
    """
    actor = person(here or url_for("pages.room_settings", hash_key=hash_key))
    with while_it_stands(hash_key):
        chat = known_chat(actor, chat_by_link(hash_key, actor).id)
    standing = lookup.known_room(chat.id, actor.user_id).standing
    return Room(
        chat,
        actor,
        managed=may_manage(chat, actor),
        moderated=may_moderate(chat, actor, standing),
    )


def managed_room(hash_key: str) -> Room:
    """The room of a link, for somebody who decides about it. Raises Forbidden for other members."""
    room = room_of(hash_key)
    if not room.managed:
        raise Forbidden(NOT_YOURS)
    return room


def member_of(room: Room, user_id: int) -> dict[str, Any] | None:
    after = min(max(0, user_id - 1), LARGEST_ID)
    found = members_of(engines(), room.actor, room.chat.id, after=after, limit=1)["members"]
    return next((member for member in found if member["user_id"] == user_id), None)


def _new_link(chat: Chat) -> str | None:
    """The one-time link that this browser has just made for this room."""
    token = request.cookies.get(INVITATION_COOKIE, "")
    try:
        if not token or chat_by_invitation(token).id != chat.id:
            return None
    except PorchError:
        return None
    base = engines().settings.url or request.host_url.rstrip("/")
    return base + url_for("pages.invitation", token=token)


def place_after() -> int:
    """The id behind which a list goes on, of the address."""
    return min(max(0, request.args.get("after", 0, type=int)), LARGEST_ID)


def _list_of(room: Room) -> str:
    """The page with the list of members that somebody may see."""
    return room.address if room.managed else f"{room.place}order/"


def _done(room: Room, what: str) -> Response:
    return redirect(f"{room.address}?done={what}", 303)


def fields(room: Room) -> dict[str, Any]:
    return own_chat_dict(room.chat, room.actor) | {"settings": room.address}


def _leave_page(room: Room, *, asked: bool = False) -> str:
    return render_template("rooms/leave.html", room=fields(room), asked=asked)


def _page(
    room: Room,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    *,
    link: str | None = None,
) -> str:
    after = place_after()
    listing = members_of(engines(), room.actor, room.chat.id, after=after)
    return render_template(
        "rooms/settings.html",
        here=room.address,
        notice=done(DONE),
        room=fields(room),
        kinds=[kind for kind in KINDS if kind in (*kinds_for(room.actor), room.chat.kind)],
        members=listing["members"],
        more=listing["more"],
        after=after,
        link=link,
        form={"name": room.chat.name, "kind": room.chat.kind, "username": ""} | (form or {}),
        errors=errors or {},
    )
