"""Keeping order in a room: who writes there, who is muted, moderators, whom the link keeps out, reports."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch.access.order import NOT_MODERATING
from porch.actions.order.members import members_of
from porch.actions.order.removals import banned_from, let_back
from porch.actions.order.reports import reports_in, resolve
from porch.actions.rooms.chats import change_chat, renew_link
from porch.actions.rooms.standings import MUTES, appoint, dismiss, mute, unmute
from porch.errors import Forbidden, Invalid, NotFound
from porch.models.chat import SLOW_MODES
from porch.pages import blueprint
from porch.pages.forms import done
from porch.pages.rooms import Room, fields, managed_room, member_of, place_after, room_of
from porch.pages.times import day_and_time, is_for_good
from porch.texts import gettext, lazy_gettext
from porch.web.identity import engines

DONE = {
    "saved": lazy_gettext("Saved. Everybody in the room sees it."),
    "appointed": lazy_gettext("They keep order in the room from now on."),
    "dismissed": lazy_gettext("They are a member like any other again."),
    "muted": lazy_gettext("They are muted: they read, and do not write."),
    "unmuted": lazy_gettext("They can write again."),
    "removed": lazy_gettext("They are out."),
    "back": lazy_gettext("The room’s link lets them in again."),
    "resolved": lazy_gettext("Dealt with."),
    "link": lazy_gettext("The room has a new link. The one before leads nowhere any more."),
}
MUTE_WORDS = {
    "600": lazy_gettext("For 10 minutes"),
    "3600": lazy_gettext("For an hour"),
    "86400": lazy_gettext("For a day"),
    "": lazy_gettext("Until it is lifted"),
}


@blueprint.get("/chatrooms/<hash_key>/order/")
def room_order(hash_key: str) -> str:
    room = moderated_room(hash_key)
    after = place_after()
    listing = members_of(engines(), room.actor, room.chat.id, after=after)
    return render_template(
        "rooms/order.html",
        here=order_of(room),
        notice=done(DONE),
        room=fields(room),
        slow_modes=SLOW_MODES,
        members=[_with_words(member) for member in listing["members"]],
        more=listing["more"],
        after=after,
        bans=banned_from(room.actor, room.chat.id, limit=200)["bans"],
        reports=reports_in(room.actor, room.chat.id)["reports"],
    )


@blueprint.post("/chatrooms/<hash_key>/order/")
def change_rules(hash_key: str) -> Response:
    room = moderated_room(hash_key)
    slow_mode = request.form.get("slow_mode", room.chat.slow_mode, type=int)
    closed = request.form.get("closed") == "yes"
    change_chat(engines(), room.actor, room.chat.id, closed=closed, slow_mode=slow_mode)
    return _done(room, "saved")


@blueprint.get("/chatrooms/<hash_key>/members/<int:user_id>/moderator/")
@blueprint.get("/chatrooms/<hash_key>/bans/<int:user_id>/")
@blueprint.get("/chatrooms/<hash_key>/reports/<int:report_id>/")
def back_to_order(hash_key: str, user_id: int = 0, report_id: int = 0) -> Response:
    """For who opens the address of a form, as by pressing Enter in the address bar."""
    return redirect(order_of(room_of(hash_key)))


@blueprint.post("/chatrooms/<hash_key>/members/<int:user_id>/moderator/")
def appoint_member(hash_key: str, user_id: int) -> Response:
    room = moderated_room(hash_key)
    if request.form.get("moderator") == "yes":
        appoint(engines(), room.actor, room.chat.id, user_id)
        return _done(room, "appointed")
    dismiss(engines(), room.actor, room.chat.id, user_id)
    if user_id == room.actor.user_id and not room.managed:
        return redirect(room.place, 303)
    return _done(room, "dismissed")


@blueprint.get("/chatrooms/<hash_key>/members/<int:user_id>/mute/")
def ask_mute_member(hash_key: str, user_id: int) -> Response:
    room = moderated_room(hash_key)
    member = member_of(room, user_id)
    if member is None:
        return redirect(order_of(room))
    page = render_template(
        "rooms/mute.html",
        room=fields(room),
        order=order_of(room),
        member=_with_words(member),
        choices=MUTE_WORDS,
    )
    return make_response(page)


@blueprint.post("/chatrooms/<hash_key>/members/<int:user_id>/mute/")
def mute_member(hash_key: str, user_id: int) -> Response:
    room = moderated_room(hash_key)
    chosen = request.form.get("seconds", "600")
    if chosen == "0":
        unmute(engines(), room.actor, room.chat.id, user_id)
        return _done(room, "unmuted")
    if chosen not in MUTE_WORDS:
        raise Invalid(gettext("There is no such choice."))
    seconds = int(chosen) if chosen else None
    assert seconds in MUTES
    mute(engines(), room.actor, room.chat.id, user_id, seconds)
    return _done(room, "muted")


@blueprint.post("/chatrooms/<hash_key>/bans/<int:user_id>/")
def lift_ban(hash_key: str, user_id: int) -> Response:
    room = moderated_room(hash_key)
    let_back(engines(), room.actor, room.chat.id, user_id)
    return _done(room, "back")


@blueprint.post("/chatrooms/<hash_key>/reports/<int:report_id>/")
def resolve_report(hash_key: str, report_id: int) -> Response:
    room = moderated_room(hash_key)
    with suppress(NotFound):  # it went with whoever reported meanwhile
        resolve(engines(), room.actor, report_id, request.form.get("state", ""))
    return _done(room, "resolved")


@blueprint.get("/chatrooms/<hash_key>/link/")
def ask_renew_link(hash_key: str) -> str:
    return render_template("rooms/renew.html", room=fields(managed_room(hash_key)))


@blueprint.post("/chatrooms/<hash_key>/link/")
def renew_room_link(hash_key: str) -> Response:
    room = managed_room(hash_key)
    renewed = renew_link(engines(), room.actor, room.chat.id)
    return redirect(url_for("pages.room_order", hash_key=renewed["hash_key"], done="link"), 303)


def moderated_room(hash_key: str) -> Room:
    """The room of a link, for somebody who keeps order in it. Raises Forbidden for other members."""
    room = room_of(hash_key)
    if not room.moderated:
        raise Forbidden(NOT_MODERATING)
    return room


def order_of(room: Room) -> str:
    return url_for("pages.room_order", hash_key=room.chat.hash_key)


def _with_words(member: dict[str, Any]) -> dict[str, Any]:
    """A member with the end of their mute in words, which are empty where there is none."""
    end = member["muted_until"]
    return member | {
        "muted": day_and_time(end) if end else "",
        "for_good": end is not None and is_for_good(end),
    }


def _done(room: Room, what: str) -> Response:
    return redirect(f"{order_of(room)}?done={what}", 303)
