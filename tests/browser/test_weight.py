"""What a first visit costs in bytes over the wire; what it costs in time is for `bench/first-visit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.browser import PHONE, Person
from tests.support.browser_traffic import Traffic, talk, visit
from tests.support.people import Guest, Json

Make = Callable[..., Person]

LIMIT = 100_000  # bytes, headers of answers included


@pytest.fixture
def conversation(host: Guest, chat: Json) -> Json:
    talk(host, chat)
    return chat


@pytest.mark.parametrize("device", [PHONE, {}], ids=["phone", "laptop"])
def test_a_cold_room_page_moves_under_100_kb(
    person: Make, conversation: Json, device: dict[str, Any]
) -> None:
    traffic, _ = visit(person(fresh=True, **device), conversation["url"])
    assert sum(traffic.sizes.values()) < LIMIT, traffic.sizes
    assert len(traffic.sizes) <= 12, "every request more is a wait"


@pytest.mark.parametrize("path", ["/", "/sessions/new/", "/chatrooms/"])
def test_every_other_page_moves_under_100_kb(visitor: Make, path: str) -> None:
    traffic, _ = visit(visitor(fresh=True, **PHONE), path)
    assert sum(size for address, size in traffic.sizes.items() if "/media/" not in address) < LIMIT, (
        traffic.sizes
    )


def test_a_second_visit_moves_the_page_alone(person: Make, conversation: Json) -> None:
    one = person(fresh=True, **PHONE)
    visit(one, conversation["url"])
    traffic = Traffic(one.page)
    one.page.reload()
    one.page.wait_for_load_state("networkidle")
    moved = {address: size for address, size in traffic.sizes.items() if "/static/" in address and size > 0}
    assert moved == {}


def test_the_messages_are_in_the_page_once(person: Make, conversation: Json) -> None:
    one = person()
    one.guest.join(conversation)
    one.guest.send(conversation, "a text that is said nowhere else")
    page = one.context.request.get(one.url + conversation["url"]).text()
    assert page.count("a text that is said nowhere else") == 1
