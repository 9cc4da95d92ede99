"""Somebody who says things and looks for them, without a server."""

from __future__ import annotations

import uuid
from typing import Any

from porch.access.actors import Actor, actor_for_session
from porch.actions.messages.sending import Said, send_message
from porch.actions.people.sessions import Browser, create_session
from porch.actions.reading import search
from porch.actions.rooms.chats import open_chat
from porch.actions.upkeep.indexing import index_messages
from porch.engines import Engines
from porch.models import Chat
from tests.support.people import Json, a_name


def contents(answer: Json) -> list[str]:
    return [hit["message"]["content"] for hit in answer["hits"]]


class Desk:
    """One person in one room, in this process: the index goes on when it is told to."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        session = create_session(engines, a_name(), Browser(address=""))
        self.actor: Actor = actor_for_session(engines.settings, session.session_id)
        self.chat = self.another_room()

    def another_room(self) -> Chat:
        return open_chat(self.engines, self.actor, name="A room", address="")

    def send(self, content: str, chat: Chat | None = None) -> Json:
        place = (chat or self.chat).id
        sent = send_message(self.engines, self.actor, place, Said(content, str(uuid.uuid4())))
        return sent[0]

    def index(self) -> None:
        while index_messages(self.engines):
            pass

    def found(self, q: str, **parameters: Any) -> list[str]:
        return contents(search.search(self.engines, self.actor, q, **parameters))
