"""Mentions: `@name` calls a member, and they find where."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch.names import MOST_CALLED, called, comparison_form
from tests.support.database import change, rows
from tests.support.people import Guest, Json, a_name, refused
from tests.support.server import Server


@pytest.fixture(params=["http", "socket"])
def say(request: pytest.FixtureRequest, bob: Guest, chat: Json) -> Any:
    """Bob says something in the room, through one of the doors."""
    if request.param == "http":
        return lambda content: bob.send(chat, content)

    def by_socket(content: str) -> Json:
        with bob.socket() as socket:
            return socket.send(chat, content)

    return by_socket


def mentions(guest: Guest, **parameters: object) -> list[Json]:
    found: list[Json] = guest.get("/mentions", **parameters)["mentions"]
    return found


def member(chat: Json, url: str, name: str) -> Guest:
    made = Guest.sign_in(url, name)
    made.join(chat)
    return made


def whom(message: Json) -> list[str]:
    return [one["username"] for one in message.get("mentions", [])]


def test_a_message_names_the_members_it_calls_and_they_find_it(
    say: Any, ann: Guest, bob: Guest, chat: Json
) -> None:
    said = say(f"Well, @{ann.username.upper()}, what now?")
    assert said["mentions"] == [{"user_id": ann.user_id, "username": ann.username}]
    assert ann.after(chat, 0)["messages"] == [said]
    (found,) = mentions(ann)
    assert found["chat"] == {"id": chat["id"], "name": chat["name"], "url": chat["url"]}
    assert (found["seq"], found["username"], found["content"]) == (said["seq"], bob.username, said["content"])
    assert found["url"] == f"{chat['url']}messages/{said['seq']}/"
    assert mentions(bob) == []


def test_the_longest_name_that_fits_is_meant(server: Server, bob: Guest, chat: Json) -> None:
    first = a_name("Mary")
    names = (first, f"{first} Ann", f"{first} O'Brien")
    for name in names:
        member(chat, server.url, name)
    said = bob.send(chat, f"@{names[1]} @{names[2]}'s @{names[0]}, @{names[0]}x @{names[1].lower()}!")
    assert whom(said) == [names[1], names[2], names[0]]


def test_names_of_scripts_without_spaces_are_called_too(server: Server, bob: Guest, chat: Json) -> None:
    tanaka = member(chat, server.url, "田中さん")
    assert whom(bob.send(chat, "@田中さんこんにちは")) == [tanaka.username]


def test_nobody_else_is_called(server: Server, bob: Guest, chat: Json) -> None:
    stranger = Guest.sign_in(server.url)
    said = bob.send(chat, f"@{stranger.username} @{bob.username} me@example.org @nobody-at-all @ @@")
    assert "mentions" not in said
    assert mentions(stranger) == []


def test_in_direct_chats_a_name_is_text(ann: Guest, bob: Guest) -> None:
    direct = bob.open_direct(ann)
    assert "mentions" not in bob.send(direct, f"@{ann.username}")


def test_everyone_is_called_by_who_opened_the_room_alone(ann: Guest, bob: Guest, chat: Json) -> None:
    assert "mentions" not in bob.send(chat, "@everyone come")
    said = ann.send(chat, "@Everyone come")
    assert said["mentions"] == [{"user_id": None, "username": "everyone"}]
    assert [found["everyone"] for found in mentions(bob)] == [True]
    assert mentions(ann) == []
    assert bob.get(f"/chats/{chat['id']}/membership")["mentioned"] == 1


def test_who_is_called_by_name_and_with_everyone_is_called_once(ann: Guest, bob: Guest, chat: Json) -> None:
    said = ann.send(chat, f"@everyone, and above all @{bob.username}")
    assert whom(said) == ["everyone", bob.username]
    assert [found["seq"] for found in mentions(bob)] == [said["seq"]]
    attention = bob.get(f"/chats/{chat['id']}/membership")
    assert (attention["unread"], attention["mentioned"]) == (1, 1)
    bob.patch(f"/chats/{chat['id']}/membership", {"level": "mentions"})
    assert bob.get("/sessions/current")["attention"] == 1


def test_everyone_is_called_by_an_edit(ann: Guest, bob: Guest, chat: Json) -> None:
    said = ann.send(chat, f"@{bob.username}")
    path = f"/chats/{chat['id']}/messages/{said['seq']}"
    ann.patch(path, {"content": f"@{bob.username} and @everyone"})
    assert [found["everyone"] for found in mentions(bob)] == [True]
    ann.patch(path, {"content": f"@{bob.username}"})
    assert [found["everyone"] for found in mentions(bob)] == [False]


def test_an_edit_calls_anew_and_nobody_twice(ann: Guest, bob: Guest, chat: Json, server: Server) -> None:
    third = member(chat, server.url, a_name())
    said = bob.send(chat, f"@{ann.username}")
    before = mentions(ann)
    path = f"/chats/{chat['id']}/messages/{said['seq']}"
    edited = bob.patch(path, {"content": f"@{third.username} and @{ann.username}"})
    assert whom(edited) == [third.username, ann.username]
    assert [found["id"] for found in mentions(ann)] == [found["id"] for found in before]
    assert len(mentions(third)) == 1
    assert "mentions" not in bob.patch(path, {"content": "Nobody"})
    assert (mentions(ann), mentions(third)) == ([], [])


def test_a_deleted_message_calls_nobody(ann: Guest, bob: Guest, chat: Json) -> None:
    said = bob.send(chat, f"@{ann.username}")
    assert "mentions" not in bob.delete(f"/chats/{chat['id']}/messages/{said['seq']}")
    assert mentions(ann) == []
    assert ann.get(f"/chats/{chat['id']}/membership")["mentioned"] == 0


def test_who_blocks_the_author_is_not_called(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.block(bob)
    said = bob.send(chat, f"@{ann.username}")
    assert whom(said) == [ann.username]  # as everybody sees it: nothing tells of the block
    assert mentions(ann) == []
    assert ann.get(f"/chats/{chat['id']}/membership")["mentioned"] == 0
    ann.unblock(bob)
    assert len(mentions(ann)) == 1


def test_whom_one_blocks_calls_others_still(server: Server, ann: Guest, bob: Guest, chat: Json) -> None:
    cem = Guest.sign_in(server.url)
    cem.join(chat)
    cem.block(bob)
    bob.send(chat, f"@{ann.username} and @everyone")
    assert ann.get(f"/chats/{chat['id']}/membership")["mentioned"] == 1
    assert [row["mentioned"] for row in ann.lobby() if row["id"] == chat["id"]] == [1]
    assert cem.get(f"/chats/{chat['id']}/membership")["mentioned"] == 0


def test_who_has_left_a_room_does_not_find_what_was_said_there(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.send(chat, f"@{bob.username} come")
    ann.send(chat, "@everyone come")
    assert len(mentions(bob)) == 2
    bob.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    assert mentions(bob) == []


def test_a_repeat_calls_once(ann: Guest, bob: Guest, chat: Json) -> None:
    first = bob.send(chat, f"@{ann.username}")
    assert bob.send(chat, f"@{ann.username}", first["client_id"]) == first
    assert len(mentions(ann)) == 1


def test_the_list_is_read_page_by_page_the_last_first(ann: Guest, bob: Guest, chat: Json) -> None:
    other = bob.open_chat()
    ann.join(other)
    for number in range(3):
        bob.send(chat, f"{number} @{ann.username}")
        bob.send(other, f"{number} @everyone")
    pages: list[Json] = []
    before: Json = {}
    for _ in range(4):
        page = ann.get("/mentions", limit=2, **before)
        pages += page["mentions"]
        if not page["more"]:
            break
        before = {"before": page["mentions"][-1]["id"]}
    assert [found["everyone"] for found in pages] == [True, False] * 3
    assert [found["id"] for found in pages] == sorted((found["id"] for found in pages), reverse=True)
    for wrong in ({"limit": 0}, {"limit": 101}, {"before": 0}, {"after": 1}):
        assert refused(ann.get, "/mentions", **wrong).code == "invalid"


def test_ones_own_calls_to_everyone_hide_nobody_elses(accounts: dict[str, Guest]) -> None:
    creator, host = accounts["creator"], accounts["host"]
    room = creator.open_chat()
    host.join(room)
    said = creator.send(room, "@everyone first")
    for number in range(3):
        host.send(room, f"@everyone {number}")
    page = host.get("/mentions", limit=1)
    assert ([found["seq"] for found in page["mentions"]], page["more"]) == ([said["seq"]], False)


def test_what_is_in_a_deleted_room_leaves_no_page_empty(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    gone = bob.open_chat()
    ann.join(gone)
    said = bob.send(chat, f"@{ann.username}")
    for content in (f"@{ann.username} one", "@everyone two", f"@{ann.username} three"):
        bob.send(gone, content)
    # As it is until its messages have been deleted, piece by piece.
    change(server.data, "UPDATE chat SET deleted_at = created_at WHERE id = ?", gone["id"])
    page = ann.get("/mentions", limit=1)
    assert ([found["seq"] for found in page["mentions"]], page["more"]) == ([said["seq"]], False)


def test_a_deleted_room_takes_its_mentions_with_it(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    bob.send(chat, f"@{ann.username}")
    ann.delete(f"/chats/{chat['id']}/")
    assert mentions(ann) == []
    assert rows(server.data, "SELECT * FROM mention WHERE chat_id = ?", chat["id"]) == []


def test_of_one_message_no_more_than_twenty_are_called(server: Server, bob: Guest, chat: Json) -> None:
    people = [member(chat, server.url, a_name()) for _ in range(MOST_CALLED + 1)]
    said = bob.send(chat, " ".join(f"@{one.username}" for one in people))
    assert whom(said) == [one.username for one in people[:MOST_CALLED]]


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_looking_for_names_never_fails_and_is_bounded(text: str) -> None:
    found = called(text)
    assert len(found) <= MOST_CALLED
    assert all(len(forms) <= 32 for forms in found)
    if "@" not in text:
        assert found == []


def test_forms_are_those_that_names_are_compared_by() -> None:
    assert called("Hi @Mary Ann.")[0] == [comparison_form(name) for name in ("Mary Ann.", "Mary Ann", "Mary")]


@pytest.mark.parametrize("q", ["quince", "QUINCE T", "Quincé"])
def test_members_are_found_by_the_beginning_of_their_name(
    server: Server, ann: Guest, chat: Json, q: str
) -> None:
    known = member(chat, server.url, a_name("Quince T"))
    Guest.sign_in(server.url, a_name("Quince T"))
    found = ann.get(f"/chats/{chat['id']}/members", q=q)
    assert [one["user_id"] for one in found["members"]] == [known.user_id]
    for wrong in ({"q": ""}, {"q": "x" * 33}, {"q": "x", "after": 1}):
        assert refused(ann.get, f"/chats/{chat['id']}/members", **wrong).code == "invalid"
