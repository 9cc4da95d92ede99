"""Searching what was said, and going to a day of a room, by forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from porch.access.actors import Actor
from porch.access.chats import chat_for, known_chat
from porch.access.links import chat_by_link
from porch.actions.reading.dates import place_at
from porch.actions.reading.search import LONGEST_QUERY, search
from porch.actions.rooms.chats import own_chat_dict
from porch.actions.rooms.direct_list import directs_of
from porch.actions.rooms.lobby import lobby
from porch.errors import Invalid, TooFast, Unavailable
from porch.pages import blueprint
from porch.pages.entrance import person, while_it_stands
from porch.pages.forms import LONGEST_TYPED, field_errors, refusal
from porch.texts import lazy_gettext
from porch.web.identity import engines
from porch.web.json import whole
from porch.web.moments import MEANT, minutes_east, moment
from porch.web.wording import shown_name, with_shown_name

FIELDS = ("q", "chat_id", "from", "after", "before")
ZONES = ("after_tz", "before_tz")
NO_DAY = lazy_gettext("Choose a day first.")


@blueprint.get("/search/")
def search_page() -> Response:
    actor = person(request.full_path.rstrip("?"))
    # Forms send what was left empty, too.
    typed = {name: request.args.get(name, "").strip()[:LONGEST_TYPED] for name in FIELDS + ZONES}
    if not typed["q"]:
        return make_response(_page(actor, typed))
    try:
        found = search(
            engines(),
            actor,
            typed["q"],
            chat_id=whole("chat_id") if typed["chat_id"] else None,
            person=typed["from"] or None,
            after=_day("after"),
            before=_day("before"),
            cursor=whole("cursor") if request.args.get("cursor") else None,
        )
    except (Invalid, TooFast, Unavailable) as error:
        return refusal(_page(actor, typed, errors=field_errors(error, "q", *FIELDS)), error)
    return make_response(_page(actor, typed, found))


@blueprint.get("/chatrooms/<hash_key>/dates/")
def go_to_date(hash_key: str) -> Response:
    """Lead to where a day begins in a room."""
    actor = person(url_for("pages.chatroom", hash_key=hash_key))
    with while_it_stands(hash_key):
        chat = known_chat(actor, chat_by_link(hash_key, actor).id)
    at = _day("at")
    if at is None:
        raise Invalid(NO_DAY, fields={"at": MEANT})
    seq = place_at(engines(), actor, chat.id, at)
    return redirect(f"{url_for('pages.permalink', hash_key=chat.hash_key, seq=seq)}#m{seq}", 303)


def _day(name: str) -> datetime | None:
    """A day of the form, in the zone that it sends with scripts alone. Raises Invalid."""
    return moment(name, east=minutes_east(f"{name}_tz"))


def _page(
    actor: Actor,
    typed: Mapping[str, str],
    found: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    hits = [_hit(hit) for hit in (found or {}).get("hits", [])]
    cursor = found and found["cursor"]
    return render_template(
        "search/show.html",
        form=typed,
        errors=errors or {},
        rooms=_rooms(actor, typed["chat_id"]),
        longest=LONGEST_QUERY,
        searched=found is not None,
        days=[(day, list(of_day)) for day, of_day in groupby(hits, lambda hit: hit["timestamp"][:10])],
        is_later="cursor" in request.args,
        onward=cursor and "/search/?" + urlencode(_given(typed) | {"cursor": cursor}),
    )


def _given(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in typed.items() if text}


def _hit(hit: dict[str, Any]) -> dict[str, Any]:
    message, excerpt = hit["message"], hit["excerpt"]
    return {
        "chat": hit["chat"] | {"name": shown_name(hit["chat"]["name"])},
        "username": shown_name(message["username"]),
        "user_id": message["user_id"],
        "timestamp": message["timestamp"],
        "address": f"{hit['chat']['url']}messages/{message['seq']}/#m{message['seq']}",
        "parts": _parts(excerpt["text"], excerpt["marks"]),
        "excerpt": excerpt,
    }


def _parts(text: str, marks: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it was found."""
    parts, place = [], 0
    for start, end in marks:
        parts += [(text[place:start], False), (text[start:end], True)]
        place = end
    return [(part, is_found) for part, is_found in [*parts, (text[place:], False)] if part]


def _rooms(actor: Actor, chosen: str) -> list[dict[str, Any]]:
    """Where one may search: one's rooms and direct chats, the last active first; and the chosen one."""
    try:
        rooms = [row for row in lobby(engines(), actor)["chats"] if row["member"]]
        rooms += directs_of(engines(), actor)["directs"]
    except TooFast:  # the search itself may well be answered
        rooms = []
    if chosen.isascii() and chosen.isdigit() and chosen not in {str(room["id"]) for room in rooms}:
        rooms.insert(0, own_chat_dict(chat_for(actor, int(chosen[:18])), actor))
    return [with_shown_name(room) for room in rooms]
