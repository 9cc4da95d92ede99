"""The Socket.IO door, by a stock client and by hand."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import websocket
from flask import Flask
from socketio.exceptions import ConnectionError

from porch.access.actors import Actor, actor_for_token
from porch.access.chats import chat_for
from porch.actions.rooms.presence import enter_chat
from porch.config import Settings
from porch.engines.live.rooms import chat_room
from porch.extensions import socketio
from porch.models import Chat
from tests.support.database import change
from tests.support.people import Guest, Json, Refused, Socket
from tests.support.server import Server
from tests.support.sockets import RawSocket, hang_up, refusal
from tests.support.waiting import eventually

TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]]
by_each_transport = pytest.mark.parametrize("transports", TRANSPORTS, ids="+".join)


@by_each_transport
def test_a_token_opens_a_socket(ann: Guest, bob: Guest, chat: Json, transports: list[str]) -> None:
    with ann.socket(transports=transports) as socket:
        socket.enter(chat)
        bob.send(chat, "Hello Ann")
        eventually(lambda: socket.contents() == ["Hello Ann"])


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_the_cookie_opens_a_socket_on_our_own_pages(ann: Guest, chat: Json, transport: str) -> None:
    headers = {"Cookie": f"porch={ann.token}"}
    if transport == "polling":  # on websockets the client says by itself where it comes from
        headers["Origin"] = ann.url
    with Socket(ann.url, None, headers=headers, transports=[transport]) as socket:
        assert socket.enter(chat)["chat"]["mine"] is True


def test_who_is_put_out_while_entering_hears_nothing_of_the_room(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = app.test_client(use_cookies=False)
    token = browser.post("/sessions", json={"username": "Ann"}).get_json()["token"]
    opened = browser.post("/chats", json={"name": "A room"}, headers={"Authorization": f"Bearer {token}"})

    def put_out_meanwhile(*arguments: Any, **options: Any) -> Chat:
        change(tmp_path / "data", "UPDATE membership SET state = 'removed'")
        return enter_chat(*arguments, **options)

    monkeypatch.setattr("porch.sockets.rooms.enter_chat", put_out_meanwhile)
    client = socketio.test_client(app, auth={"token": token})
    chat_id = opened.get_json()["id"]
    answer = client.emit("enter", {"chat_id": chat_id}, callback=True)
    assert answer["error"]["code"] == "not_found"
    assert list(socketio.server.manager.get_participants("/", chat_room(chat_id))) == []
    client.disconnect()


def go_without_a_word() -> None:
    """Every connection of this process is lost."""
    for transport_sid in list(socketio.server.environ):
        socketio.server._handle_eio_disconnect(transport_sid, "transport close")


def test_who_goes_while_signing_in_takes_no_place(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(sockets_per_user=1)
    token = app.test_client().post("/sessions", json={"username": "Ann"}).get_json()["token"]
    admit = actor_for_token

    def gone_meanwhile(settings: Settings, token: str) -> Actor | None:
        go_without_a_word()
        return admit(settings, token)

    with monkeypatch.context() as patch:
        patch.setattr("porch.sockets.connections.remembered_actor", lambda *_: None)
        patch.setattr("porch.sockets.connections.actor_for_token", gone_meanwhile)
        socketio.test_client(app, auth={"token": token})
    assert list(socketio.server.manager.get_participants("/", None)) == []
    client = socketio.test_client(app, auth={"token": token})
    assert client.is_connected()
    client.disconnect()


def test_who_goes_while_entering_is_in_no_room(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = app.test_client(use_cookies=False)
    token = browser.post("/sessions", json={"username": "Ann"}).get_json()["token"]
    opened = browser.post("/chats", json={"name": "A room"}, headers={"Authorization": f"Bearer {token}"})
    chat_id = opened.get_json()["id"]

    def gone_meanwhile(actor: Actor, chat_id: int) -> Chat:
        go_without_a_word()
        return chat_for(actor, chat_id)

    monkeypatch.setattr("porch.sockets.rooms.chat_for", gone_meanwhile)
    socketio.test_client(app, auth={"token": token}).emit("enter", {"chat_id": chat_id})
    assert chat_room(chat_id) not in socketio.server.manager.rooms.get("/", {})
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("origin", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_the_cookie_opens_no_socket_on_anothers_pages(
    ann: Guest, transport: str, origin: dict[str, str]
) -> None:
    response = ann.raw(
        "GET",
        f"/socket.io/?EIO=4&transport={transport}",
        headers={"Authorization": "", "Cookie": f"porch={ann.token}"} | origin,
    )
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "foreign_origin"


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize(
    "auth",
    [None, {}, {"token": None}, {"token": ""}, {"token": "x" * 43}, {"token": 7}, {"token": ["x"]}, []],
)
def test_without_a_good_token_there_is_no_socket(server: Server, transport: str, auth: object) -> None:
    error = refusal(server.url, auth=auth, transports=[transport])
    assert error["code"] == "unauthenticated"
    assert error["message"]


def test_entering_answers_what_a_poll_would_with_the_room(ann: Guest, bob: Guest, chat: Json) -> None:
    for number in range(60):
        ann.send(chat, f"Line {number}")
    with bob.socket() as socket:
        for after in (0, 5, 10, 60):
            room = chat | {"mine": False, "may_manage": False, "may_moderate": False, "rev": 60}
            assert socket.enter(chat, after) == bob.after(chat, after) | {"chat": room, "ok": True}


@pytest.mark.parametrize("after", [-1, 1, 2**70])
def test_entering_with_a_cursor_out_of_range_is_refused_and_named(ann: Guest, chat: Json, after: int) -> None:
    with ann.socket() as socket:
        with pytest.raises(Refused) as refused:
            socket.enter(chat, after)
        assert refused.value.code == "invalid"
        assert list(refused.value.error["fields"]) == ["after"]


def test_who_writes_hears_it_once_like_everybody_else(ann: Guest, bob: Guest, chat: Json) -> None:
    with ann.socket() as writer, bob.socket() as listener:
        writer.enter(chat)
        listener.enter(chat)
        for number in range(20):
            writer.send(chat, f"Line {number}")
        lines = [f"Line {number}" for number in range(20)]
        eventually(lambda: len(listener.contents()) >= 20 and len(writer.contents()) >= 20)
        assert listener.contents() == writer.contents() == lines


def test_entering_twice_is_hearing_once(ann: Guest, bob: Guest, chat: Json) -> None:
    with bob.socket() as socket:
        socket.enter(chat)
        socket.enter(chat)
        ann.send(chat, "One")
        ann.send(chat, "Two")
        eventually(lambda: "Two" in socket.contents())
        assert socket.contents() == ["One", "Two"]


def test_two_sockets_of_one_person_both_hear(ann: Guest, bob: Guest, chat: Json) -> None:
    with bob.socket() as first, bob.socket() as second:
        first.enter(chat)
        second.enter(chat)
        ann.send(chat, "To both")
        eventually(lambda: first.contents() == second.contents() == ["To both"])


def test_a_socket_hears_nothing_of_rooms_it_has_not_entered(ann: Guest, bob: Guest, chat: Json) -> None:
    other = ann.open_chat()
    bob.join(other)
    with bob.socket() as socket:
        socket.enter(chat)
        ann.send(other, "There")
        ann.send(chat, "Here")
        eventually(lambda: "Here" in socket.contents())
        assert socket.contents() == ["Here"]


@pytest.fixture
def crowd(start_server: Callable[..., Server]) -> Callable[[], Guest]:
    """Make people who may be in several rooms at once."""
    url = start_server(one_room="off").url
    return lambda: Guest.sign_in(url)


def test_leaving_a_room_stops_its_events(crowd: Callable[[], Guest]) -> None:
    ann, bob = crowd(), crowd()
    chat, other = ann.open_chat(), ann.open_chat()
    bob.join(chat)
    bob.join(other)
    with bob.socket() as socket:
        socket.enter(chat)
        socket.enter(other)
        socket.call("leave", {"chat_id": chat["id"]})
        ann.send(chat, "Unheard")
        ann.send(other, "Heard")
        eventually(lambda: "Heard" in socket.contents())
        assert socket.contents() == ["Heard"]


def test_leaving_a_room_that_was_not_entered_is_no_error(ann: Guest, chat: Json) -> None:
    with ann.socket() as socket:
        assert socket.call("leave", {"chat_id": chat["id"]}) == {"ok": True}


def test_the_head_of_a_room_is_repeated_to_those_in_it(ann: Guest, bob: Guest, chat: Json) -> None:
    ann.send(chat, "One")
    with bob.socket() as socket:
        socket.enter(chat)
        eventually(lambda: ("head", {"chat_id": chat["id"], "rev": 1}) in socket.heard)


def test_a_socket_can_send_without_entering(ann: Guest, chat: Json) -> None:
    with ann.socket() as socket:
        socket.send(chat, "In passing")
    assert [m["content"] for m in ann.after(chat, 0)["messages"]] == ["In passing"]


BAD_DATA: list[object] = [
    None,
    7,
    "text",
    [],
    [1, 2],
    True,
    {},
    {"chat_id": None},
    {"chat_id": "7"},
    {"chat_id": 1.5},
    {"chat_id": [1]},
    {"chat_id": 1, "colour": "red"},
    "half \ud800",
    {"chat_id": "half \ud800"},
    {"half \ud800": 1},
    {"chat_id": {"deep": {"er": []}}, "after": 0, "client_id": "", "content": ""},
]


@pytest.mark.parametrize("event", ["enter", "leave", "send", "typing"])
def test_data_of_another_shape_is_invalid_and_the_socket_lives_on(ann: Guest, chat: Json, event: str) -> None:
    with ann.socket() as socket:
        for data in BAD_DATA:
            with pytest.raises(Refused) as refused:
                socket.call(event, data)
            assert refused.value.code == "invalid", data
        assert socket.enter(chat)["rev"] == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("content", None), ("content", 7), ("content", ["x"]), ("client_id", None), ("client_id", "not-a-uuid")],
)
def test_a_field_of_another_type_is_named(ann: Guest, chat: Json, field: str, value: object) -> None:
    good = {"chat_id": chat["id"], "client_id": str(uuid.uuid4()), "content": "Hello"}
    with ann.socket() as socket:
        with pytest.raises(Refused) as refused:
            socket.call("send", good | {field: value})
        assert list(refused.value.error["fields"]) == [field]


@pytest.mark.parametrize("event", ["enter", "send", "leave", "typing", "lobby"])
def test_several_arguments_do_no_harm(ann: Guest, chat: Json, event: str) -> None:
    with ann.socket() as socket:
        socket.client.emit(event, ({"chat_id": chat["id"]}, "more", 3))
        assert socket.enter(chat)["rev"] == 0


@pytest.mark.parametrize("chat_id", [0, -1, 2**62, 2**64])
def test_a_room_number_that_cannot_be_is_an_error_and_nothing_worse(
    ann: Guest, chat: Json, chat_id: int
) -> None:
    with ann.socket() as socket:
        with pytest.raises(Refused) as refused:
            socket.call("enter", {"chat_id": chat_id})
        assert refused.value.code in ("not_found", "invalid")
        assert socket.enter(chat)["rev"] == 0


@pytest.mark.parametrize("name", ["whisper", "constructor", "__class__", "message", "x" * 1000])
def test_an_event_that_there_is_not_is_refused_and_does_no_harm(ann: Guest, chat: Json, name: str) -> None:
    with ann.socket() as socket:
        for data in ({"chat_id": chat["id"]}, None, (1, "more")):
            with pytest.raises(Refused) as refused:
                socket.call(name, data)
            assert refused.value.code == "not_found"
        assert socket.enter(chat)["rev"] == 0


def test_a_client_cannot_play_the_server(ann: Guest, bob: Guest, chat: Json) -> None:
    with ann.socket() as liar, bob.socket() as listener:
        liar.enter(chat)
        listener.enter(chat)
        liar.client.emit("message", {"chat_id": chat["id"], "content": "Forged"})
        liar.client.emit("session_ended", {})
        liar.send(chat, "Real")
        eventually(lambda: "Real" in listener.contents())
        assert listener.contents() == ["Real"]
        assert liar.client.connected


def test_a_person_has_a_bounded_number_of_sockets(start_server: Callable[..., Server]) -> None:
    url = start_server(sockets_per_user=2).url
    ann, bob = Guest.sign_in(url), Guest.sign_in(url)
    with ann.socket(), ann.socket(transports=["polling"]):
        error = refusal(url, auth={"token": ann.token})
        assert (error["code"], error["retry_after"] > 0) == ("too_fast", True)
        with bob.socket() as socket:
            assert socket.client.connected


def test_an_address_has_a_bounded_number_of_sockets(start_server: Callable[..., Server]) -> None:
    url = start_server(sockets_per_address=2).url
    ann, bob, cleo = (Guest.sign_in(url) for _ in range(3))
    with ann.socket(), bob.socket():
        assert refusal(url, auth={"token": cleo.token})["code"] == "too_fast"


@pytest.mark.parametrize("transport", ["websocket", pytest.param("polling", marks=pytest.mark.long)])
def test_a_socket_that_has_gone_counts_no_more(start_server: Callable[..., Server], transport: str) -> None:
    ann = Guest.sign_in(start_server(sockets_per_user=1, sockets_per_address=1).url)

    def opens() -> bool:
        with suppress(ConnectionError), ann.socket(transports=[transport]) as socket:
            if transport == "polling":
                socket.client.disconnect()  # without a goodbye, it would be missed at the next ping
            else:
                hang_up(socket)
            return True
        return False

    for _ in range(3):
        eventually(opens)


def test_a_refused_socket_does_not_count(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(sockets_per_user=1, sockets_per_address=1).url)
    for _ in range(3):
        refusal(ann.url, auth={"token": "wrong"})
    with ann.socket() as socket:
        assert socket.client.connected


def test_a_socket_is_in_at_most_16_rooms(crowd: Callable[[], Guest]) -> None:
    ann = crowd()
    rooms = [ann.open_chat() for _ in range(17)]
    with ann.socket() as socket:
        for room in rooms[:16]:
            socket.enter(room)
        with pytest.raises(Refused) as refused:
            socket.enter(rooms[16])
        assert refused.value.code == "forbidden"
        assert socket.enter(rooms[3])["rev"] == 0
        socket.call("leave", {"chat_id": rooms[0]["id"]})
        assert socket.enter(rooms[16])["rev"] == 0


def test_a_frame_over_256_kib_closes_that_socket_alone(ann: Guest, bob: Guest, chat: Json) -> None:
    with RawSocket(ann.url, str(ann.token)) as bad, bob.socket() as good:
        good.enter(chat)
        event = ["send", {"chat_id": chat["id"], "client_id": str(uuid.uuid4()), "content": "x" * 256 * 1024}]
        bad.connection.send("42" + json.dumps(event))
        assert bad.is_closed()
        good.send(chat, "Still here")
        eventually(lambda: good.contents() == ["Still here"])


def test_a_frame_below_256_kib_is_read(ann: Guest, chat: Json) -> None:
    with ann.socket() as socket:
        with pytest.raises(Refused) as refused:
            socket.send(chat, "x" * 255 * 1024)
        assert refused.value.code == "invalid"
        assert socket.enter(chat)["rev"] == 0


@pytest.mark.parametrize(
    "packet",
    ["nonsense", "9", "42", "42{", "42[]", "4299999[1]", "45", "40/other,", "\0", "42[" + "9" * 400 + "]"],
    ids=lambda packet: packet[:10].encode("unicode_escape").decode(),
)
def test_a_packet_that_makes_no_sense_harms_nobody_else(
    ann: Guest, bob: Guest, chat: Json, packet: str
) -> None:
    with RawSocket(ann.url, str(ann.token)) as bad, bob.socket() as good:
        good.enter(chat)
        bad.connection.send(packet)
        good.send(chat, "Still here")
        eventually(lambda: good.contents() == ["Still here"])


def test_a_websocket_that_is_over_takes_no_requests(ann: Guest, chat: Json) -> None:
    with RawSocket(ann.url, str(ann.token)) as bad:
        bad.connection.send("x" * 257 * 1024)
        assert bad.is_closed()
        with suppress(OSError):  # refused even to be written to
            bad.wire.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert bad.rest() == b""


def test_logging_out_closes_the_connection_of_a_client_that_would_not(ann: Guest, chat: Json) -> None:
    with RawSocket(ann.url, str(ann.token)) as socket:
        ann.delete("/sessions/current")
        assert socket.is_closed()


@pytest.mark.long  # its load makes other tests late
def test_a_reader_who_pauses_too_long_is_cut_off_and_catches_up(ann: Guest, bob: Guest, chat: Json) -> None:
    # More than the kernel and the server keep for a reader together.
    texts = [f"{number:06d} " + chr(97 + number % 26) * 9_900 for number in range(900)]
    acks: list[Json] = []
    with (
        RawSocket(ann.url, str(bob.token), receive_buffer=4096) as slow,
        bob.socket() as quick,
        ann.socket() as sender,
    ):
        slow.enter(chat)
        quick.enter(chat)
        for number, text in enumerate(texts, start=1):
            data = {"chat_id": chat["id"], "content": text, "client_id": str(uuid.uuid4())}
            sender.client.emit("send", data, callback=acks.append)
            if number % 50 == 0:
                eventually(lambda: len(acks) == len(quick.contents()) == number)  # noqa: B023  # called here
        assert all("ok" in ack for ack in acks)
        assert quick.contents() == texts  # one slow reader costs others nothing
        heard: list[str] = []
        with suppress(websocket.WebSocketConnectionClosedException):
            while len(heard) < len(texts):
                heard.append(slow.next_event("message")["content"])
        assert heard == texts[: len(heard)]  # whole and in order, as far as it goes
        assert len(heard) < len(texts)
    with bob.socket() as back:
        page = back.enter(chat, after=len(heard))
        assert page["messages"][0]["content"] == texts[len(heard)]


@pytest.mark.parametrize("says", ["", '40{"token":"nobody\'s"}'], ids=["nothing", "a wrong token"])
def test_a_connection_that_does_not_sign_in_is_closed(server: Server, says: str) -> None:
    with RawSocket(server.url, None) as stranger:
        if says:
            stranger.connection.send(says)
        assert stranger.is_closed(within=9)


@pytest.mark.parametrize("event", ["connect", "disconnect"])
def test_a_client_cannot_speak_for_the_library(start_server: Callable[..., Server], event: str) -> None:
    server = start_server(sockets_per_user=1)
    guest = Guest.sign_in(server.url)
    with RawSocket(server.url, str(guest.token)) as socket:
        environ = {"REMOTE_ADDR": "203.0.113.9", "wsgi.url_scheme": "http"}
        socket.connection.send("42" + json.dumps([event, environ, {"token": guest.token}]))
        socket.enter(guest.open_chat())  # still connected, and its events are still its own
        assert refusal(server.url, auth={"token": guest.token})["code"] == "too_fast"
