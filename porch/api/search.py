"""Searching what was said, and the place of a day in a room."""

from __future__ import annotations

from flask import Response, request

from porch.actions.reading.dates import place_at
from porch.actions.reading.search import DEFAULT_HITS, search
from porch.api import blueprint
from porch.errors import Invalid
from porch.texts import lazy_gettext
from porch.web.identity import engines, required_actor
from porch.web.json import json_answer, known_parameters, optional_whole, whole
from porch.web.moments import MEANT, minutes_east, moment


@blueprint.get("/search")
def search_messages() -> Response:
    actor = required_actor()
    known_parameters("q", "chat_id", "from", "after", "before", "cursor", "limit")
    return json_answer(
        search(
            engines(),
            actor,
            request.args.get("q", ""),
            chat_id=optional_whole("chat_id"),
            person=request.args.get("from"),
            after=moment("after"),
            before=moment("before"),
            cursor=optional_whole("cursor"),
            limit=whole("limit", DEFAULT_HITS),
        )
    )


@blueprint.get("/chats/<int:chat_id>/dates")
def find_date(chat_id: int) -> Response:
    actor = required_actor()
    known_parameters("at", "tz")
    at = moment("at", east=minutes_east("tz"))
    if at is None:
        raise Invalid(lazy_gettext("at is missing."), fields={"at": MEANT})
    return json_answer({"seq": place_at(engines(), actor, chat_id, at)})
