"""A message is stored and its acknowledgement lost; before it is sent again it is edited, or deleted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.faults.history import DELETED
from tests.faults.lines import BROKEN, Door, HttpDoor, SocketDoor
from tests.faults.proxy import Fault, Proxy
from tests.support.people import Guest, Json
from tests.support.server import Server

CONTENT, CHANGED = "Is this thing on?", "This thing is on."


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with Proxy(server.url) as proxy:
        yield proxy


@pytest.fixture(params=[HttpDoor, SocketDoor])
def open_door(request: pytest.FixtureRequest, ann: Guest, chat: Json) -> Iterator[Callable[[str], Door]]:
    """Open Ann's door at an address."""
    opened: list[Door] = []

    def open_at(url: str) -> Door:
        opened.append(request.param(url, ann.token, chat["id"], timeout=5))
        return opened[-1]

    yield open_at
    for door in opened:
        door.close()


def send_in_vain(proxy: Proxy, door: Door, content: str, client_id: str) -> None:
    """Send something that is stored, and hear nothing of it."""
    door.send("Hello", str(uuid.uuid4()))  # from here on there is a connection to break
    assert proxy.hit(Fault.LOST_ANSWER) == 1
    with pytest.raises(BROKEN):
        door.send(content, client_id)


@pytest.mark.parametrize("changed", [None, CHANGED, DELETED])
def test_a_repeat_after_a_lost_acknowledgement_finds_what_became_of_the_message(
    server: Server,
    proxy: Proxy,
    open_door: Callable[[str], Door],
    bob: Guest,
    chat: Json,
    changed: str | None,
) -> None:
    client_id = str(uuid.uuid4())
    send_in_vain(proxy, open_door(proxy.url), CONTENT, client_id)
    _, stored = bob.after(chat, 0)["messages"]
    assert (stored["content"], stored["client_id"]) == (CONTENT, client_id)
    elsewhere = open_door(server.url)
    if changed is not None:
        seq = stored["seq"]
        stored = elsewhere.delete(seq) if changed == DELETED else elsewhere.edit(seq, changed)
        assert (stored["content"], stored["deleted"]) == (changed, changed == DELETED)
    before = bob.after(chat, 0)

    assert open_door(proxy.url).send(CONTENT, client_id) == stored
    assert bob.after(chat, 0) == before


def test_a_repeat_of_an_edit_or_a_deletion_changes_nothing_more(
    proxy: Proxy, open_door: Callable[[str], Door], bob: Guest, chat: Json
) -> None:
    door = open_door(proxy.url)
    seq = door.send(CONTENT, str(uuid.uuid4()))["seq"]
    changes: list[Callable[[Door], Json]] = [
        lambda door: door.edit(seq, CHANGED),
        lambda door: door.delete(seq),
    ]
    for change in changes:
        proxy.hit(Fault.LOST_ANSWER)
        with pytest.raises(BROKEN):
            change(door)
        before = bob.after(chat, 0)
        door = open_door(proxy.url)
        assert change(door) == before["messages"][0]
        assert bob.after(chat, 0) == before
