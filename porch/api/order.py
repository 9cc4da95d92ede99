"""Keeping order in a room: moderators, mutes, and whom its link does not let in."""

from __future__ import annotations

from flask import Response

from porch.actions.order import removals
from porch.actions.rooms import standings
from porch.api import blueprint
from porch.web.identity import engines, required_actor
from porch.web.json import Body, json_answer, json_body, known_parameters, whole


class Mute(Body):
    seconds: int | None


@blueprint.put("/chats/<int:chat_id>/moderators/<int:user_id>")
def create_moderator(chat_id: int, user_id: int) -> Response:
    standings.appoint(engines(), required_actor(), chat_id, user_id)
    return Response(status=204)


@blueprint.delete("/chats/<int:chat_id>/moderators/<int:user_id>")
def remove_moderator(chat_id: int, user_id: int) -> Response:
    standings.dismiss(engines(), required_actor(), chat_id, user_id)
    return Response(status=204)


@blueprint.put("/chats/<int:chat_id>/mutes/<int:user_id>")
def create_mute(chat_id: int, user_id: int) -> Response:
    actor = required_actor()
    return json_answer(standings.mute(engines(), actor, chat_id, user_id, json_body(Mute).seconds))


@blueprint.delete("/chats/<int:chat_id>/mutes/<int:user_id>")
def remove_mute(chat_id: int, user_id: int) -> Response:
    standings.unmute(engines(), required_actor(), chat_id, user_id)
    return Response(status=204)


@blueprint.get("/chats/<int:chat_id>/bans")
def list_bans(chat_id: int) -> Response:
    actor = required_actor()
    known_parameters("after", "limit")
    limit = whole("limit", removals.DEFAULT_BANS)
    return json_answer(removals.banned_from(actor, chat_id, after=whole("after", 0), limit=limit))


@blueprint.delete("/chats/<int:chat_id>/bans/<int:user_id>")
def remove_ban(chat_id: int, user_id: int) -> Response:
    removals.let_back(engines(), required_actor(), chat_id, user_id)
    return Response(status=204)
