"""A town in this process: people, rooms, and whatever may happen there by chance."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from porch.access.actors import Actor, actor_for_session, actor_for_token
from porch.access.chats import chat_for, is_member
from porch.access.links import chat_by_link
from porch.actions.messages.edits import delete_all_messages, delete_message, edit_message
from porch.actions.messages.sending import Said, send_message
from porch.actions.order.members import remove_member
from porch.actions.people.accounts import rename
from porch.actions.people.sessions import Browser, create_session, end_session
from porch.actions.reading.excerpts import newest_excerpt
from porch.actions.reading.log import messages_after, messages_before, newest_messages
from porch.actions.rooms.chats import change_chat, delete_chat, join_chat, open_chat
from porch.engines import Engines
from porch.errors import PorchError
from tests.support import postgres
from tests.support.database import change, write_messages
from tests.support.people import a_name


def said(question: Callable[[], object]) -> object:
    """The answer, or which refusal."""
    try:
        return question()
    except PorchError as error:
        return error.as_dict()


def say(engines: Engines, actor: Actor, chat_id: int, text: str = "Hello") -> dict[str, Any]:
    return send_message(engines, actor, chat_id, Said(text, str(uuid.uuid4())))[0]


class Town:
    """People and rooms, and what may happen to them."""

    def __init__(self, engines: Engines, data: Path, seed: int) -> None:
        self.engines, self.data = engines, data
        self.random = Random(seed)
        self.tokens: list[str] = []
        self.actors: list[Actor] = []
        self.rooms: list[tuple[int, str]] = []
        for _ in range(4):
            self.arrive()
        for _ in range(3):
            self.open()

    def arrive(self) -> None:
        session = create_session(self.engines, a_name(), Browser("test"))
        actor = actor_for_token(self.engines.settings, session.token)
        assert actor is not None
        self.tokens.append(session.token)
        self.actors.append(actor)

    def open(self) -> None:
        chat = open_chat(self.engines, self.someone(), name="A room", address="test")
        self.rooms.append((chat.id, chat.hash_key))
        for actor in self.actors:
            said(lambda actor=actor: join_chat(self.engines, actor, chat.hash_key))  # type: ignore[misc]

    def someone(self) -> Actor:
        return self.random.choice(self.actors)

    def somewhere(self) -> int:
        return self.random.choice(self.rooms)[0]

    def seq(self) -> int:
        return self.random.randint(1, 30)

    def happen(self) -> None:
        """Something, often nothing but talk."""
        deeds: dict[Callable[[], object], int] = {
            self.talk: 40,
            self.talk_much: 2,
            lambda: say(self.engines, self.someone(), self.somewhere(), "x" * 9_000): 4,
            lambda: edit_message(
                self.engines, self.someone(), self.somewhere(), self.seq(), content=str(self.seq())
            ): 30,
            lambda: delete_message(self.engines, self.someone(), self.somewhere(), self.seq()): 8,
            lambda: change_chat(self.engines, self.someone(), self.somewhere(), name=a_name("Room")): 6,
            lambda: remove_member(self.engines, self.someone(), self.somewhere(), self.someone().user_id): 4,
            lambda: join_chat(self.engines, self.someone(), self.random.choice(self.rooms)[1]): 8,
            lambda: rename(self.engines, self.someone(), a_name()): 3,
            lambda: end_session(self.engines, self.someone()): 1,
            lambda: delete_chat(self.engines, self.someone(), self.somewhere()): 1,
            lambda: delete_all_messages(self.engines, self.somewhere()): 1,
            self.arrive: 2,
            self.open: 2,
            # Another program has to tell it to PostgreSQL's processes, who hear it a moment later.
            self.outside: 0 if postgres.is_chosen() else 6,
        }
        (deed,) = self.random.choices(list(deeds), list(deeds.values()))
        said(deed)

    def talk(self) -> None:
        say(self.engines, self.someone(), self.somewhere())

    def talk_much(self) -> None:
        actor, chat_id = self.someone(), self.somewhere()
        for _ in range(self.random.choice((10, 70, 140))):
            say(self.engines, actor, chat_id)

    def outside(self) -> None:
        """Another program does what it likes."""
        actor, chat_id = self.someone(), self.somewhere()
        match self.random.randrange(5):
            case 0:
                write_messages(self.data, chat_id, actor.user_id, "Outside", 3)
            case 1:
                change(
                    self.data,
                    "UPDATE membership SET state = 'removed' WHERE chat_id = ? AND user_id = ?",
                    chat_id,
                    actor.user_id,
                )
            case 2:
                change(self.data, "UPDATE chat SET name = 'Outside' WHERE id = ?", chat_id)
            case 3:
                change(self.data, "UPDATE user SET username = 'Outside' WHERE id = ?", actor.user_id)
            case 4:
                change(self.data, "UPDATE message SET content = 'Outside' WHERE chat_id = ?", chat_id)

    def question(self) -> Callable[[], object]:
        """Something that the doors ask."""
        actor, (chat_id, hash_key) = self.someone(), self.random.choice(self.rooms)
        limit, seq = self.random.choice((1, 3, 50, 200)), self.random.randint(0, 200)

        def head() -> int:
            return chat_for(actor, chat_id).rev

        def log() -> object:
            chat, page = newest_messages(actor, chat_id, limit=limit)
            return chat, page.as_dict(), page.encoded

        def after() -> object:
            page = messages_after(actor, chat_id, after=max(0, head() - seq), limit=limit)
            return page.as_dict(), page.encoded

        return self.random.choice(
            (
                log,
                after,
                lambda: messages_after(actor, chat_id, after=head()).as_dict(),
                lambda: messages_before(actor, chat_id, before=seq + 1, limit=limit).as_dict(),
                lambda: newest_excerpt(actor, chat_id),
                lambda: row(chat_for(actor, chat_id)),
                lambda: row(chat_by_link(hash_key, actor)),
                lambda: row(chat_by_link(hash_key)),
                lambda: is_member(actor, chat_id),
                lambda: actor_for_session(self.engines.settings, actor.session_id),
                lambda: actor_for_token(self.engines.settings, self.random.choice(self.tokens)),
            )
        )


def row(chat: Any) -> dict[str, Any]:
    return {column.key: getattr(chat, column.key) for column in chat.__table__.columns}
