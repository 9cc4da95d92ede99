"""Two processes of one site, joined by Redis: whoever comes to one is among those of the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import pytest

from tests.conftest import UNLIMITED
from tests.support.people import Guest, Json, Refused, Socket, refused
from tests.support.readers import whole_history
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import eventually


class Site(NamedTuple):
    one: Server
    two: Server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, redis: Redis) -> Iterator[Site]:
    """For tests that leave both of them running; limits are off."""
    options: dict[str, Any] = {"redis_url": redis.site(), "heartbeat": 3600, **UNLIMITED}
    data = tmp_path_factory.mktemp("site") / "data"
    with Server(data, **options) as one, Server(data, **options) as two:
        for server in (one, two):
            eventually(partial(is_joined, server))
        yield Site(one, two)


def joined(start_server: Callable[..., Server], redis: Redis, **settings: object) -> Site:
    """Two of a test's own, each of which knows of the other; limits are off."""
    options = UNLIMITED | {"redis_url": redis.site()} | settings
    found = Site(start_server(**options), start_server(**options))
    for server in found:
        eventually(partial(is_joined, server))
    return found


def is_joined(server: Server) -> bool:
    return bool(Guest(server.url).get("/readyz") == {"ok": True, "missing": []})


def has_heard(socket: Socket, count: int) -> bool:
    return len(socket.events("message")) >= count


def by(server: Server, guest: Guest) -> Guest:
    """The same person, with the same session, at another process."""
    same = Guest(server.url, guest.token)
    same.username, same.user_id = guest.username, guest.user_id
    return same


@pytest.fixture
def ann(site: Site) -> Guest:
    return Guest.sign_in(site.one.url)


@pytest.fixture
def bob(site: Site) -> Guest:
    return Guest.sign_in(site.two.url)


@pytest.fixture
def chat(ann: Guest, bob: Guest) -> Json:
    opened = ann.open_chat()
    bob.join(opened)
    return opened


def test_what_is_said_in_one_process_is_heard_in_the_other_once_and_in_order(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    with ann.socket() as here, bob.socket() as there:
        here.enter(chat)
        there.enter(chat)
        for number in range(40):
            (here if number % 3 else there).send(chat, f"Message {number}")
        for socket in (here, there):
            eventually(partial(has_heard, socket, 40))
        stored = ann.after(chat, 0)["messages"]
        for socket in (here, there):  # what two processes tell may arrive in another order
            assert sorted(socket.events("message"), key=lambda message: message["seq"]) == stored


def test_a_poll_that_waits_is_answered_by_what_is_said_in_the_other_process(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    answers: list[Json] = []
    waiting = threading.Thread(target=lambda: answers.append(bob.after(chat, 0, wait=30)))
    waiting.start()
    time.sleep(0.3)  # or it is answered at once, which is no failure
    began = time.monotonic()
    said = ann.send(chat, "Are you there?")
    waiting.join()
    assert answers[0]["messages"] == [said]
    assert time.monotonic() - began < 15


def test_all_see_who_is_there_and_who_writes(ann: Guest, bob: Guest, chat: Json) -> None:
    with ann.socket() as here:
        here.enter(chat)
        with bob.socket() as there:
            there.enter(chat)
            eventually(lambda: [told["count"] for told in here.events("presence")][-1:] == [2])
            eventually(lambda: bob.present(chat)["count"] == 2)
            there.call("typing", {"chat_id": chat["id"]})
            eventually(lambda: here.events("typing"))
            assert ann.present(chat)["typing"] == [{"user_id": bob.user_id, "username": bob.username}]
        eventually(lambda: ann.present(chat)["count"] == 1)
        eventually(lambda: [told["count"] for told in here.events("presence")][-1:] == [1])


def test_entering_a_room_by_one_process_leaves_that_in_the_other(site: Site, ann: Guest, chat: Json) -> None:
    other = ann.open_chat("Another room")
    with ann.socket() as socket:
        socket.enter(chat)
        by(site.two, ann).enter(other)
        eventually(lambda: socket.events("moved"))
        assert socket.events("moved")[0]["to"]["id"] == other["id"]
        assert ann.present(other)["count"] == 1
        assert refused(ann.present, chat).code == "moved"
        by(site.two, ann).enter(chat)
        eventually(lambda: is_there(ann, chat))


def is_there(guest: Guest, chat: Json) -> bool:
    """Whether this process knows that somebody is in a room that they had left."""
    with suppress(Refused):  # which says that they are elsewhere
        return bool(guest.present(chat)["count"] == 1)
    return False


def test_a_session_that_was_ended_is_out_everywhere_at_once(site: Site, ann: Guest, chat: Json) -> None:
    with by(site.two, ann).socket() as socket:
        socket.enter(chat)
        ann.delete("/sessions/current")
        eventually(lambda: not socket.client.connected)
        assert socket.events("session_ended") == [{}]
    assert refused(by(site.two, ann).get, "/sessions/current").code == "unauthenticated"


def test_who_was_removed_and_who_is_in_a_deleted_room_hear_it_in_the_other_process(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    other = ann.open_chat("Another room")
    bob.join(other)
    with bob.socket() as socket:
        socket.enter(chat)
        ann.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
        eventually(lambda: socket.events("removed"))
        ann.send(chat, "They are gone.")
        socket.enter(other)
        ann.delete(f"/chats/{other['id']}/")
        eventually(lambda: socket.events("room_deleted"))
        assert socket.contents() == []


def test_lobbies_lists_and_notices_tell_of_what_happens_in_the_other_process(ann: Guest, bob: Guest) -> None:
    ann.sign_up()
    room, other = ann.open_chat("Listed", "listed"), ann.open_chat("Elsewhere", "link")
    bob.join(other)
    with bob.socket() as socket:
        socket.call("lobby", {})
        said = ann.send(room, "Hello, lobby")
        eventually(
            lambda: any(
                row["id"] == room["id"] and row["last_at"] and row["last_at"] >= said["timestamp"]
                for told in socket.events("lobby")
                for row in told["chats"]
            )
        )
        ann.send(other, "Hello, Bob")
        eventually(lambda: [told["chat_id"] for told in socket.events("notice")] == [other["id"]])
        direct = ann.open_direct(bob)
        ann.send(direct, "In private")
        eventually(lambda: direct["id"] in [row["id"] for row in socket.events("direct")])
        ann.patch("/users/current", {"username": f"{ann.username} again"})
        eventually(
            lambda: f"{ann.username} again" in [row["with"]["username"] for row in socket.events("direct")]
        )


def test_what_somebody_has_read_is_known_to_their_other_devices(site: Site, ann: Guest, chat: Json) -> None:
    said = ann.send(chat, "Hello")
    with by(site.two, ann).socket() as socket:
        ann.read(chat, said["seq"])
        eventually(lambda: socket.events("read") == [{"chat_id": chat["id"], "seq": said["seq"]}])


def test_limits_hold_over_both(redis: Redis, start_server: Callable[..., Server]) -> None:
    one, two = joined(start_server, redis, message_rate="3+1/h")
    ann = Guest.sign_in(one.url)
    chat = ann.open_chat()
    for server in (one, two, one):
        by(server, ann).send(chat, "Hello")
    assert refused(by(two, ann).send, chat, "Hello").code == "too_fast"


def test_nothing_is_lost_while_redis_is_away_and_everything_is_well_when_it_is_back(
    passing: Redis, start_server: Callable[..., Server]
) -> None:
    one, two = joined(start_server, passing, heartbeat=3600)
    ann, bob = Guest.sign_in(one.url), Guest.sign_in(two.url)
    chat = ann.open_chat()
    bob.join(chat)
    with ann.socket() as here, bob.socket() as there:
        here.enter(chat)
        there.enter(chat)
        passing.kill()
        eventually(lambda: Guest(two.url).get("/readyz") == {"ok": True, "missing": ["redis"]})
        said = ann.send(chat, "Nobody carries this")
        eventually(lambda: said["rev"] in [head["rev"] for head in there.events("head")])
        assert bob.after(chat, 0)["messages"] == [said]
        eventually(lambda: said in here.events("message"))
        passing.start()
        for server in (one, two):
            eventually(partial(is_joined, server))
        later = ann.send(chat, "This is carried")
        eventually(lambda: later in there.events("message"))
        eventually(lambda: bob.present(chat)["count"] == 2)


def test_who_was_removed_and_who_is_in_a_deleted_room_are_out_when_redis_does_not_say_so(
    passing: Redis, start_server: Callable[..., Server]
) -> None:
    one, two = joined(start_server, passing)
    ann, bob, cem = Guest.sign_in(one.url), Guest.sign_in(two.url), Guest.sign_in(two.url)
    room, other = ann.open_chat(), ann.open_chat("Another room")
    bob.join(room)
    cem.join(other)
    with bob.socket() as of_bob, cem.socket() as of_cem, by(two, ann).socket() as speaker:
        of_bob.enter(room)
        of_cem.enter(other)
        speaker.enter(room)
        passing.kill()
        ann.delete(f"/chats/{room['id']}/members/{bob.user_id}")
        ann.delete(f"/chats/{other['id']}/")
        eventually(lambda: of_bob.events("removed") == [{"chat_id": room["id"]}])
        eventually(lambda: of_cem.events("removed") == [{"chat_id": other["id"]}])
        before = len(of_bob.events("message"))
        said = by(two, ann).send(room, "They are gone.")
        eventually(lambda: said in speaker.events("message"))
        assert len(of_bob.events("message")) == before


@pytest.mark.long
def test_nothing_is_lost_while_redis_goes_and_comes_back_again_and_again(
    passing: Redis, start_server: Callable[..., Server]
) -> None:
    one, two = joined(start_server, passing, heartbeat=3600)
    ann, bob = Guest.sign_in(one.url), Guest.sign_in(two.url)
    chat = ann.open_chat()
    bob.join(chat)
    with ann.socket() as here, bob.socket() as there:
        here.enter(chat)
        there.enter(chat)
        stored: list[Json] = []
        for change in (passing.kill, passing.start) * 3:
            change()
            for guest in (ann, bob) * 5:
                stored.append(guest.send(chat, f"Message {len(stored)}"))
            for socket in (here, there):  # before anything else is said
                eventually(partial(has_come_to, socket, stored[-1]["rev"]))
        assert whole_history(ann, chat) == whole_history(bob, chat) == stored


def has_come_to(socket: Socket, rev: int) -> bool:
    """Whether a page would know by now that the log has come so far."""
    return any(told["rev"] >= rev for name in ("message", "head") for told in socket.events(name))


@pytest.mark.long
def test_a_process_that_is_killed_takes_its_people_along(
    redis: Redis, start_server: Callable[..., Server]
) -> None:
    one, two = joined(start_server, redis)
    ann, bob = Guest.sign_in(one.url), Guest.sign_in(two.url)
    chat = ann.open_chat()
    bob.join(chat)
    with ann.socket() as here, bob.socket() as there:
        here.enter(chat)
        there.enter(chat)
        eventually(lambda: bob.present(chat)["count"] == 2)
        one.kill()
        eventually(lambda: bob.present(chat)["count"] == 1, within=60)
        eventually(lambda: [told["count"] for told in there.events("presence")][-1:] == [1])
