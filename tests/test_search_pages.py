"""All pages of a search together are what a reading of every message finds, however short each of them is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import Any, NamedTuple

import pytest

from porch.actions.messages.edits import delete_message, edit_message
from porch.actions.reading import search
from porch.actions.rooms.chats import join_chat
from porch.config import Settings
from porch.engines.postgres import search as postgres_engine
from porch.engines.search import index as engine
from tests.conftest import an_app
from tests.support.people import Json
from tests.support.search_desk import Desk

WORDS = ("apple", "pear", "plum", "figs", "applesauce", "quince")
WEIGHTS = (12, 8, 6, 4, 1, 1)
SAID = 260
ERA_BITS = 4  # so that there are many eras


Has = Callable[[list[str]], bool]

SOUGHT: dict[str, Has] = {
    "apple": lambda words: "apple" in words or "applesauce" in words,
    '"apple"': lambda words: "apple" in words,
    "appl": lambda words: "apple" in words or "applesauce" in words,
    "quince": lambda words: "quince" in words,
    "apple pear": lambda words: {"apple", "pear"} <= {*words},
    '"pear plum"': lambda words: ("pear", "plum") in pairwise(words),
    "apple -pear": lambda words: not {"apple", "applesauce"}.isdisjoint(words) and "pear" not in words,
    "quince applesauce figs": lambda words: {"quince", "applesauce", "figs"} <= {*words},
    "orange": lambda _: False,
}


class Corpus(NamedTuple):
    """What was said to `reader`, the newest first, and somebody else who said some of it."""

    reader: Desk
    other: Desk
    readable: list[Json]

    def expected(self, has: Has, chat_id: int | None, user_id: int | None) -> list[int]:
        return [
            message["id"]
            for message in self.readable
            if has(message["content"].split())
            and chat_id in (None, message["chat_id"])
            and user_id in (None, message["user_id"])
        ]

    def pages(self, q: str, chat_id: int | None, user_id: int | None, limit: int) -> Iterator[list[int]]:
        person = None if user_id is None else str(user_id)
        cursor = None
        while True:
            page = search.search(
                self.reader.engines,
                self.reader.actor,
                q,
                chat_id=chat_id,
                person=person,
                cursor=cursor,
                limit=limit,
            )
            yield [hit["message"]["id"] for hit in page["hits"]]
            if page["cursor"] is None:
                return
            assert cursor is None or page["cursor"] < cursor
            cursor = page["cursor"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("pages")
    settings = Settings(
        data=folder / "data", site=folder / "site", search_rate=None, message_rate=None, visit_rate=None
    )
    with pytest.MonkeyPatch.context() as patch, an_app(settings) as app, app.app_context():
        for module in (engine, postgres_engine):
            patch.setattr(module, "ERA_BITS", ERA_BITS)
        yield told(*(Desk(app.extensions["porch_engines"]) for _ in range(3)))


def told(reader: Desk, other: Desk, stranger: Desk) -> Corpus:
    """`reader` is in rooms of all three but the last, which is the stranger's and has most that is said."""
    chance = random.Random(5)
    shared = other.another_room(), stranger.another_room()
    for chat in shared:
        join_chat(reader.engines, reader.actor, chat.hash_key)
    places = [(reader, reader.chat), (other, shared[0]), (stranger, shared[1]), (stranger, stranger.chat)]
    said: list[Json] = []
    for _ in range(SAID):
        desk, chat = chance.choices(places, [3, 5, 1, 9])[0]
        said.append(desk.send(" ".join(chance.choices(WORDS, WEIGHTS, k=4)), chat))
    reader.index()
    for number in range(0, SAID, 9):  # after the index has them
        message = said[number]
        desk = next(desk for desk, _ in places if desk.actor.user_id == message["user_id"])
        if number % 2:
            delete_message(desk.engines, desk.actor, message["chat_id"], message["seq"])
            said[number] = message | {"content": ""}
        else:
            said[number] = edit_message(
                desk.engines, desk.actor, message["chat_id"], message["seq"], content="apple plum quince"
            )
    readable = [message for message in said if message["chat_id"] != stranger.chat.id]
    return Corpus(reader, other, readable[::-1])


ROOMS = {"by rooms": (4, 200), "words first": (0, 200), "words alone": (0, 0)}
# What is worked for a page: so little that it ends within what was found at a time, or as much as it takes.
WORK = {"short pages": 1e-9, "full pages": 1e9}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
@pytest.mark.parametrize("rooms", ROOMS.values(), ids=ROOMS)
def test_all_pages_together_have_all_that_is_found_once_newest_first(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, rooms: tuple[int, int], work: float
) -> None:
    tuned: dict[str, Any] = dict(zip(("FEW_ROOMS", "MANY_ROOMS", "MOST_WORK"), (*rooms, work), strict=True))
    tuned |= {"AT_ONCE": 5, "MANY_AT_ONCE": 12, "FEW_AT_ONCE": 3}  # so that an era has several pieces
    for name, value in tuned.items():
        monkeypatch.setattr(search, name, value)
    chats = (None, corpus.reader.chat.id)
    people = (None, corpus.other.actor.user_id)
    for (q, has), chat_id, user_id, limit in product(SOUGHT.items(), chats, people, (2, 50)):
        pages = list(corpus.pages(q, chat_id, user_id, limit))
        assert [id_ for page in pages for id_ in page] == corpus.expected(has, chat_id, user_id)
        assert max(map(len, pages)) <= limit
