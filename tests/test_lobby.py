"""The lobby: which rooms somebody is shown, in which order, and how it stays up to date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from porch import events
from porch.engines.live import lobby as engine
from porch.engines.live.lobby import Changes, LobbyNews, Pairs
from porch.engines.live.rooms import LOBBY, lobby_room
from tests.support.database import change
from tests.support.noted_sockets import NotedSockets
from tests.support.people import Guest, Json, Socket, a_name, refused
from tests.support.server import Server
from tests.support.waiting import eventually


@pytest.fixture
def title() -> str:
    """A part of the names of this test's rooms, and of nobody else's."""
    return a_name("Topic") + "."


def ids(rows: Iterable[Json]) -> list[int]:
    return [row["id"] for row in rows]


# What is asked for.


def test_a_row_has_what_one_needs_to_choose_and_to_join(member: Guest, bob: Guest, title: str) -> None:
    opened = member.open_chat(title)
    chat = {key: value for key, value in opened.items() if key not in ("may_moderate", "muted_until")}
    (row,) = bob.lobby(q=title)
    expected = {"member": False, "mine": False, "may_manage": False, "present": 0, "last_at": None}
    assert row == chat | expected
    message = bob.send(bob.join(row), "Hello")
    bob.enter(chat)
    (row,) = bob.lobby(q=title)
    expected = {"member": True, "mine": False, "may_manage": False, "present": 1, "rev": 1}
    expected |= {"unread": 0, "mentioned": 0}
    assert row == chat | expected | {"level": "mentions", "last_at": message["timestamp"]}
    assert member.lobby(q=title) == [row | {"mine": True, "may_manage": True, "unread": 1}]


def test_who_is_not_signed_in_is_shown_no_rooms(server: Server) -> None:
    assert refused(Guest(server.url).lobby).status == 401


def test_strangers_are_shown_listed_rooms_alone(member: Guest, bob: Guest, title: str) -> None:
    listed, link, private = (member.open_chat(title, kind) for kind in ("listed", "link", "private"))
    assert ids(bob.lobby(q=title)) == ids([listed])
    assert sorted(ids(member.lobby(q=title))) == ids([listed, link, private])
    bob.join(link)
    member.post(f"/chats/{private['id']}/members", {"username": bob.username})
    assert sorted(ids(bob.lobby(q=title))) == ids([listed, link, private])


def test_the_host_is_shown_no_room_that_is_not_listed_or_joined(
    server: Server, member: Guest, title: str
) -> None:
    host = Guest(server.url).sign_up()
    change(server.data, "UPDATE user SET role = 'admin' WHERE id = ?", host.user_id)
    listed, link = member.open_chat(title), member.open_chat(title, "link")
    assert [(row["id"], row["may_manage"], row["mine"]) for row in host.lobby(q=title)] == [
        (listed["id"], True, False)
    ]
    host.join(link)
    assert {row["may_manage"] for row in host.lobby(q=title)} == {True}


def test_rooms_are_in_the_order_of_their_last_activity(member: Guest, title: str) -> None:
    rooms = [member.open_chat(title, kind) for kind in ("listed", "link", "private", "listed")]
    assert ids(member.lobby(q=title)) == ids(rooms[::-1])
    member.send(rooms[1], "Hello")
    member.send(rooms[0], "Hello")
    assert ids(member.lobby(q=title)) == ids([rooms[0], rooms[1], rooms[3], rooms[2]])


def test_renaming_a_room_or_joining_it_is_no_activity(member: Guest, bob: Guest, title: str) -> None:
    older, newer = member.open_chat(title), member.open_chat(title)
    member.patch(f"/chats/{older['id']}/", {"name": f"{title} again"})
    bob.join(older)
    bob.enter(older)
    assert ids(bob.lobby(q=title)) == ids([newer, older])
    assert bob.lobby(q=title)[1]["last_at"] is None


def test_there_are_more_rooms_than_one_asked_for(member: Guest, bob: Guest, title: str) -> None:
    rooms = [member.open_chat(title, kind) for kind in ("listed", "private", "listed")]
    for guest, seen in ((member, rooms), (bob, [rooms[0], rooms[2]])):
        for limit in range(1, 5):
            answer = guest.get("/chats", q=title, limit=limit)
            assert ids(answer["chats"]) == ids(seen[::-1][:limit])
            assert answer["more"] is (limit < len(seen))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("q=", "q"),
        ("q=" + "x" * 81, "q"),
        ("sort=name", "sort"),
    ],
)
def test_a_parameter_out_of_range_is_refused_and_named(ann: Guest, query: str, field: str) -> None:
    error = refused(ann.get, f"/chats?{query}")
    assert (error.status, error.code) == (400, "invalid")
    assert list(error.error["fields"]) == [field]


def test_rooms_are_found_by_a_part_of_their_name_in_any_case(member: Guest, title: str) -> None:
    chat = member.open_chat(f"Before {title} Behind")
    for part in (title, title.upper(), f"e {title} b"):
        assert ids(member.lobby(q=part)) == [chat["id"]]
    assert member.lobby(q=f"x{title}") == []
    assert member.lobby(q=f"{title}\0") == []


@pytest.mark.parametrize("sign", ["%", "_", "\\", "/", "'", "100%_", "*", "?"])
def test_what_means_something_to_a_database_is_looked_for_as_it_is(
    member: Guest, title: str, sign: str
) -> None:
    with_it, _ = member.open_chat(f"{title}{sign}end"), member.open_chat(f"{title}x end")
    assert ids(member.lobby(q=f"{title}{sign}")) == [with_it["id"]]


def test_a_room_that_one_was_put_out_of_or_left_is_a_strangers(member: Guest, bob: Guest, title: str) -> None:
    listed, link = member.open_chat(title), member.open_chat(title, "link")
    for chat in (listed, link):
        bob.join(chat)
        member.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    assert [(row["id"], row["member"]) for row in bob.lobby(q=title)] == [(listed["id"], False)]


def test_present_counts_people_not_sessions(member: Guest, bob: Guest, title: str) -> None:
    chat = member.open_chat(title)
    bob.join(chat)
    for guest in (member, member.again(), bob):
        guest.enter(chat)
    assert bob.lobby(q=title)[0]["present"] == 2


# What is told while it is open.


@pytest.fixture
def watch() -> Iterator[Callable[[Guest], Lobby]]:
    """Open lobbies that are closed with the test."""
    with ExitStack() as stack:
        yield lambda guest: Lobby(stack.enter_context(guest.socket()))


class Lobby:
    """An open lobby: `rows` are what its client has put together."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.answer = socket.call("lobby", {})

    @property
    def rows(self) -> dict[int, Json]:
        rows: dict[int, Json] = {row["id"]: row for row in self.answer["chats"]}
        for event in self.socket.events("lobby"):
            for chat_id in event["gone"]:
                rows.pop(chat_id, None)
            for row in event["chats"]:
                rows[row["id"]] = rows.get(row["id"], {"member": False, "mine": False}) | row
        return rows

    def row(self, chat: Json) -> Json | None:
        return self.rows.get(chat["id"])

    def heard_of(self, chat: Json) -> bool:
        """Whether any event named this room."""
        return any(
            chat["id"] in ids(event["chats"]) or chat["id"] in event["gone"]
            for event in self.socket.events("lobby")
        )


Watch = Callable[[Guest], Lobby]


def test_opening_the_lobby_answers_as_asking_for_it_does(watch: Watch, member: Guest, title: str) -> None:
    member.open_chat(title)
    lobby = watch(member)
    lobby.answer.pop("ok")
    assert lobby.answer == member.get("/chats")


def says(lobbies: list[Any], chat: Json, own: str) -> bool:
    return [(lobby.row(chat) or {}).get(own) for lobby in lobbies] == [True, False]


def test_a_listed_room_appears_changes_and_goes_for_everybody(
    watch: Watch, member: Guest, bob: Guest, title: str
) -> None:
    lobbies = [watch(member), watch(bob)]
    chat = member.open_chat(title)
    # What is somebody's own comes behind what all are told.
    for own in ("member", "mine"):
        eventually(partial(says, lobbies, chat, own))
    message = member.send(chat, "Hello")
    member.patch(f"/chats/{chat['id']}/", {"name": f"{title} new"})
    member.enter(chat)
    expected = {"name": f"{title} new", "last_at": message["timestamp"], "present": 1, "rev": 2}
    eventually(lambda: all((lobby.row(chat) or {}).items() >= expected.items() for lobby in lobbies))
    member.delete(f"/chats/{chat['id']}/")
    eventually(lambda: not any(lobby.row(chat) for lobby in lobbies))


def test_what_was_told_adds_up_to_what_a_newly_opened_lobby_shows(
    watch: Watch, member: Guest, bob: Guest, title: str
) -> None:
    lobby = watch(bob)
    rooms = [member.open_chat(title, kind) for kind in ("listed", "link", "private", "listed", "listed")]
    bob.join(rooms[0])
    bob.join(rooms[1])
    member.post(f"/chats/{rooms[2]['id']}/members", {"username": bob.username})
    member.patch(f"/chats/{rooms[3]['id']}/", {"kind": "private"})
    member.delete(f"/chats/{rooms[4]['id']}/")
    bob.enter(rooms[1])
    bob.send(rooms[2], "Hello")

    def told() -> list[Json]:
        rows = [row for row in lobby.rows.values() if title in row["name"]]
        return [row | {"may_manage": False} for row in sorted(rows, key=lambda row: int(row["id"]))]

    def asked() -> list[Json]:
        return sorted(bob.lobby(q=title), key=lambda row: int(row["id"]))

    assert ids(asked()) == ids(rooms[:3])
    eventually(lambda: told() == asked())


def test_a_stranger_hears_nothing_of_rooms_that_are_not_listed(
    watch: Watch, member: Guest, bob: Guest, title: str
) -> None:
    lobby = watch(Guest.sign_in(bob.url))
    hidden = [member.open_chat(title, "link"), member.open_chat(title, "private")]
    bob.join(hidden[0])
    for chat in hidden:
        member.send(chat, "Between us")
        member.patch(f"/chats/{chat['id']}/", {"name": f"{title} hidden"})
        member.enter(chat)
        member.delete(f"/chats/{chat['id']}/")
    listed = member.open_chat(title)  # what is told later comes later
    eventually(lambda: lobby.row(listed))
    assert not any(lobby.heard_of(chat) for chat in hidden)


def test_a_listed_room_that_becomes_private_goes_from_strangers_and_stays_with_members(
    watch: Watch, member: Guest, bob: Guest, title: str
) -> None:
    chat = member.open_chat(title)
    bob.join(chat)
    stranger, guest = watch(Guest.sign_in(bob.url)), watch(bob)
    assert stranger.row(chat)
    member.patch(f"/chats/{chat['id']}/", {"kind": "private", "name": f"{title} secret"})
    eventually(lambda: (guest.row(chat) or {}).get("kind") == "private")
    eventually(lambda: stranger.row(chat) is None)
    assert guest.rows[chat["id"]]["member"] is True
    assert "secret" not in str(stranger.socket.events("lobby"))
    member.patch(f"/chats/{chat['id']}/", {"kind": "listed"})
    eventually(lambda: (stranger.row(chat) or {}).get("name") == f"{title} secret")


def test_joining_and_being_removed_is_seen_in_ones_own_lobby(
    watch: Watch, member: Guest, bob: Guest, title: str
) -> None:
    listed, link = member.open_chat(title), member.open_chat(title, "link")
    lobby, other = watch(bob), watch(Guest.sign_in(bob.url))
    bob.join(listed)
    bob.join(link)
    eventually(lambda: lobby.row(link) and (lobby.row(listed) or {}).get("member"))
    for chat in (listed, link):
        member.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    eventually(lambda: not lobby.row(link) and (lobby.row(listed) or {}).get("member") is False)
    assert lobby.row(listed)
    assert not other.heard_of(link)


def test_coming_and_going_in_a_room_is_counted_in_the_lobby(
    watch: Watch, member: Guest, bob: Guest, title: str
) -> None:
    chat = member.open_chat(title)
    lobby = watch(bob)
    member.enter(chat)
    eventually(lambda: lobby.rows[chat["id"]]["present"] == 1)
    member.leave(chat)
    eventually(lambda: lobby.rows[chat["id"]]["present"] == 0)


# The engine.


def watched_by(*user_ids: int) -> NotedSockets:
    """Sockets of people who have the lobby open."""
    return NotedSockets(LOBBY, *map(lobby_room, user_ids))


def told(sockets: NotedSockets) -> list[tuple[str, list[int], list[int]]]:
    return [(room, ids(news["chats"]), news["gone"]) for news, room in sockets.only_emitted("lobby")]


class Reader:
    """Answers that every chat is listed; writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[int], set[int]]] = []

    def __call__(self, chat_ids: Sequence[int], watching: Collection[int], own: Pairs) -> Changes:
        self.asked.append((list(chat_ids), set(watching)))
        return Changes([{"id": chat_id} for chat_id in chat_ids], {}, {})


def test_what_changes_many_times_in_a_second_is_told_once() -> None:
    sockets, read = watched_by(1, 2), Reader()
    news = LobbyNews(sockets, read)
    for number in range(100):
        news.observe(events.message({"chat_id": number % 2 + 7}))
    news.tick()
    news.tick()
    assert read.asked == [([7, 8], {1, 2})]
    assert told(sockets) == [(LOBBY, [7, 8], [])]


def test_when_nobody_watches_nothing_is_read_and_nothing_piles_up() -> None:
    sockets, read = NotedSockets(), Reader()
    news = LobbyNews(sockets, read)
    for chat_id in range(2000):
        news.observe(events.message({"chat_id": chat_id}))
        news.observe(events.removed(chat_id, 1))
        news.observe(events.unlisted(chat_id))
    for _ in range(5):
        news.tick()
    assert (read.asked, told(sockets)) == ([], [])
    assert [news._changed, news._gone, news._gone_for] == [{}, set(), {}]


def test_more_changes_than_one_look_takes_are_told_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_CHANGED", 10)
    sockets, read = watched_by(1), Reader()
    news = LobbyNews(sockets, read)
    for chat_id in range(25):
        news.changed(chat_id)
    for _ in range(4):
        news.tick()
    assert [len(asked) for asked, _ in read.asked] == [10, 10, 5]
    assert [chat_id for asked, _ in read.asked for chat_id in asked] == list(range(25))


def test_that_somebody_was_put_out_is_told_to_them_alone() -> None:
    sockets = watched_by(1, 2)
    news = LobbyNews(sockets, lambda chat_ids, watching, own: Changes([], {}, {}))
    news.observe(events.removed(7, 1))
    news.observe(events.removed(7, 3))  # whose lobby is not open
    news.tick()
    assert told(sockets) == [(lobby_room(1), [], [7])]
