"""Who is in a room: inviting, removing, one-time links."""

from __future__ import annotations

from flask import Response, request

from porch.actions.order import members
from porch.actions.rooms.chats import own_chat_dict
from porch.api import blueprint
from porch.errors import Invalid
from porch.models.clock import rfc3339
from porch.texts import lazy_gettext
from porch.web.identity import engines, required_actor
from porch.web.json import Body, choice, json_answer, json_body, known_parameters, whole


class Invite(Body):
    username: str


@blueprint.get("/chats/<int:chat_id>/members")
def list_members(chat_id: int) -> Response:
    actor = required_actor()
    known_parameters("after", "limit", "q")
    if "q" in request.args and "after" in request.args:
        raise Invalid(
            lazy_gettext("Give either q or after."), fields={"after": lazy_gettext("Either this or q.")}
        )
    page = members.members_of(
        engines(),
        actor,
        chat_id,
        after=whole("after", 0),
        limit=whole("limit", members.DEFAULT_MEMBERS),
        q=request.args.get("q"),
    )
    return json_answer(page)


@blueprint.post("/chats/<int:chat_id>/members")
def add_member(chat_id: int) -> Response:
    actor = required_actor()
    return json_answer(members.add_member(engines(), actor, chat_id, json_body(Invite).username), 201)


@blueprint.delete("/chats/<int:chat_id>/members/<int:user_id>")
def remove_member(chat_id: int, user_id: int) -> Response:
    actor = required_actor()
    known_parameters("ban", "take_back")
    members.remove_member(
        engines(),
        actor,
        chat_id,
        user_id,
        ban=choice("ban", default=True),
        take_back=choice("take_back", default=False),
    )
    return Response(status=204)


@blueprint.post("/chats/<int:chat_id>/invitations")
def create_invitation(chat_id: int) -> Response:
    token, expires_at = members.invite(engines(), required_actor(), chat_id)
    return json_answer({"url": f"/invitations/{token}/", "expires_at": rfc3339(expires_at)}, 201)


@blueprint.post("/invitations/<token>/join")
def join_by_invitation(token: str) -> Response:
    actor = required_actor()
    return json_answer(own_chat_dict(members.join_by_invitation(engines(), actor, token), actor))
