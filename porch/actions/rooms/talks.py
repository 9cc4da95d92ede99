"""A visitor of the front page asks to talk: a room is opened, with the host in it from the start."""

from __future__ import annotations

from sqlalchemy import select

from porch.access.actors import Actor
from porch.actions.rooms.chats import LONGEST_NAME, open_chat
from porch.engines import Engines
from porch.extensions import reading
from porch.models import Chat, User
from porch.models.clock import utc_now
from porch.texts import day, in_language, lazily, lazy_gettext

ENDINGS = " ,.;:–-\N{ZERO WIDTH JOINER}"  # what a name that is cut does not end in


def open_talk(engines: Engines, actor: Actor | None, *, address: str) -> Chat:
    """Open a room by link with the visitor and the host, whose lobby shows it at once.

    Without an actor it waits, for a day, for whoever comes in with this browser. Raises Forbidden, TooFast.
    """
    engines.limiter.take("talk", actor.user_id if actor else address)
    name = _name(engines.site_name, engines.settings.language)
    return open_chat(engines, actor, name=name, kind="link", address=address, also=_hosts())


def _name(site_name: str, language: str) -> str:
    """What the room is called. It is kept: in the language of the site, not of whoever asks. A name of the
    site that is too long beside the day ends in “…”.
    """
    today = utc_now()

    def called(name: str) -> str:
        words = lazy_gettext("Talk with %(name)s, %(day)s", name=name, day=lazily(day, today))
        return in_language(language, words)

    room_for_name = LONGEST_NAME - len(called(""))
    if len(site_name) <= room_for_name:
        return called(site_name)
    return called(f"{site_name[: room_for_name - 1].rstrip(ENDINGS)}…")


def _hosts() -> list[int]:
    with reading() as session:
        hosts = select(User.id).where(User.role == "admin", User.disabled_at.is_(None)).limit(20)
        return list(session.scalars(hosts))
