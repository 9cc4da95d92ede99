"""What is unread in rooms: counted for each member, written down for none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import insert

from porch.access.actors import actor_for_token
from porch.actions.messages.sending import Said, send_message
from porch.actions.people.sessions import Browser, create_session
from porch.actions.rooms.chats import open_chat
from porch.engines import Engines
from porch.engines.writing.writer import Transaction
from porch.models import Membership, User
from tests.support.database import write_messages
from tests.support.people import Guest, Json, refused
from tests.support.server import Server
from tests.support.waiting import eventually

TOO_MANY = 5_000


def row_of(guest: Guest, chat: Json) -> Json:
    (row,) = (row for row in guest.lobby(limit=200) if row["id"] == chat["id"])
    return row


def unread(guest: Guest, chat: Json) -> int:
    found: int = row_of(guest, chat)["unread"]
    assert guest.get(f"/chats/{chat['id']}/membership")["unread"] == found
    return found


def test_messages_of_others_after_the_pointer_are_unread(ann: Guest, bob: Guest, chat: Json) -> None:
    for number in range(1, 4):
        ann.send(chat, f"Line {number}")
    bob.send(chat, "My own")
    assert (unread(ann, chat), unread(bob, chat)) == (1, 3)
    bob.read(chat, 2)
    assert unread(bob, chat) == 1
    assert bob.get(f"/chats/{chat['id']}/membership")["first_unread"] == 3


def test_what_was_deleted_is_not_unread_and_what_was_edited_is_so_once(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    for number in range(1, 4):
        ann.send(chat, f"Line {number}")
    bob.read(chat, 1)
    for seq in (1, 2):
        ann.patch(f"/chats/{chat['id']}/messages/{seq}", {"content": "Another text"})
    assert unread(bob, chat) == 2
    ann.delete(f"/chats/{chat['id']}/messages/3")
    assert unread(bob, chat) == 1


def test_no_more_than_a_hundred_are_counted(server: Server, ann: Guest, bob: Guest, chat: Json) -> None:
    write_messages(server.data, chat["id"], ann.user_id, ann.username, 150)
    assert unread(bob, chat) == 100
    bob.read(chat, 60)
    assert unread(bob, chat) == 90


def test_who_is_no_member_is_told_no_counts(server: Server, bob: Guest) -> None:
    listed = Guest(server.url).sign_up().open_chat("In sight of all", "listed")
    assert {"unread", "mentioned", "level"}.isdisjoint(row_of(bob, listed))
    assert refused(bob.get, f"/chats/{listed['id']}/membership").code == "not_found"


def test_the_lobbys_page_shows_counts_where_there_are_any(
    server: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    listed = Guest(server.url).sign_up().open_chat("In sight of all", "listed")
    ann.send(chat, "Hello")
    page = bob.raw("GET", "/chatrooms/")
    assert page.status_code == 200
    assert f'id="room-{listed["id"]}"' in page.text
    assert f'<li class="room new" id="room-{chat["id"]}">' in page.text


@pytest.mark.parametrize("door", ["http", "socket"])
def test_marking_unread_moves_back_and_ones_other_devices_know(
    ann: Guest, bob: Guest, chat: Json, door: str
) -> None:
    for number in range(1, 4):
        ann.send(chat, f"Line {number}")
    bob.read(chat, 3)
    with bob.socket() as device:
        device.call("lobby", {})
        back = {"seq": 1, "back": True}
        if door == "http":
            bob.put(f"/chats/{chat['id']}/read", back)
        else:
            device.call("read", back | {"chat_id": chat["id"]})
        eventually(lambda: device.events("read") == [{"chat_id": chat["id"], "seq": 1}])
        eventually(lambda: [row["unread"] for row in told(device, chat)][-1:] == [2])
        bob.put(f"/chats/{chat['id']}/read", {"seq": 2, "back": True})  # which would be forwards
        assert unread(bob, chat) == 2
        bob.read(chat, 3)
        eventually(lambda: [row["unread"] for row in told(device, chat)][-1:] == [0])


def test_open_lobbies_are_told_of_what_is_new_each_their_own(ann: Guest, bob: Guest, chat: Json) -> None:
    with ann.socket() as hers, bob.socket() as his:
        hers.call("lobby", {})
        his.call("lobby", {})
        ann.send(chat, f"Hello @{bob.username}")
        eventually(lambda: [row["unread"] for row in told(his, chat)][-1:] == [1])
        eventually(lambda: [row["unread"] for row in told(hers, chat)][-1:] == [0])
        assert [row["mentioned"] for row in told(his, chat)][-1:] == [1]


def told(socket: object, chat: Json) -> list[Json]:
    events: Callable[[str], list[Json]] = socket.events  # type: ignore[attr-defined]
    rows = [row for event in events("lobby") for row in event["chats"] if row["id"] == chat["id"]]
    return [row for row in rows if "unread" in row]


def test_what_counts_is_what_the_levels_say(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.send(chat, "One")
    ann.send(chat, f"Two, @{bob.username}")
    direct = ann.open_direct(bob)
    ann.send(direct, "In private")

    def attention() -> int:
        found: int = bob.get("/sessions/current")["attention"]
        return found

    assert attention() == 3
    for level, count in (("mentions", 2), ("nothing", 1), ("everything", 3)):
        answer = bob.patch(f"/chats/{chat['id']}/membership", {"level": level})
        assert (answer["level"], answer["unread"], attention()) == (level, 2, count)
    bob.block(ann)
    assert attention() == 2


def test_a_level_is_the_kinds_own_until_one_chooses(server: Server, bob: Guest) -> None:
    owner = Guest(server.url).sign_up()
    room = owner.open_chat("Changing", "listed")
    bob.join(room)

    def level() -> str:
        found: str = bob.get(f"/chats/{room['id']}/membership")["level"]
        return found

    bob.patch(f"/chats/{room['id']}/membership", {"level": "mentions"})
    assert level() == "mentions"
    owner.patch(f"/chats/{room['id']}/", {"kind": "link"})
    assert level() == "everything"
    bob.patch(f"/chats/{room['id']}/membership", {"level": "nothing"})
    owner.patch(f"/chats/{room['id']}/", {"kind": "listed"})
    assert level() == "nothing"
    assert refused(bob.patch, f"/chats/{room['id']}/membership", {"level": "loud"}).code == "invalid"


@pytest.mark.sqlite("a count that SQLite keeps")
def test_a_message_in_a_room_of_thousands_writes_no_row_for_any_of_them(engines: Engines) -> None:
    session = create_session(engines, "Ann", Browser("test"))
    ann = actor_for_token(engines.settings, session.token)
    assert ann is not None
    room = open_chat(engines, ann, name="A crowd", address="test")
    written: list[int] = []

    def crowd(transaction: Transaction) -> None:
        connection = transaction.connection
        people = [
            {"username": f"P {number}", "guest": True, "created_at": room.created_at}
            for number in range(TOO_MANY)
        ]
        ids = connection.execute(insert(User).returning(User.id), people).scalars().all()
        connection.execute(insert(Membership), [{"chat_id": room.id, "user_id": id_} for id_ in ids])

    engines.writer.write(crowd)
    engines.writer.write(lambda transaction: written.append(changes(transaction)))
    send_message(engines, ann, room.id, Said("Hello @everyone", "6a0c2f0e-3b5e-4a57-9d4b-0c8f3b1f7c55"))
    engines.writer.write(lambda transaction: written.append(changes(transaction)))
    # The message, the mention of everyone, and the room's counter.
    assert written[1] - written[0] == 3


def changes(transaction: Transaction) -> int:
    """Rows that the writer has changed so far, by whatever statement."""
    found: int = transaction.connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
    return found
