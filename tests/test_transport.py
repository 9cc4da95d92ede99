"""The WebSocket transport of `porch run` on the wire: the RFC, and what no client may do."""

from __future__ import annotations

import base64
import json
import socket
import struct
from collections.abc import Callable
from contextlib import closing

import pytest
import requests
import websocket
from websocket import ABNF

from tests.support.people import Guest, Json
from tests.support.server import Server
from tests.support.sockets import RawSocket

PATH = "/socket.io/?EIO=4&transport="
KEY = base64.b64encode(b"0123456789abcdef").decode()
HANDSHAKE = {
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "WebSocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Extensions": "permessage-deflate",
}


def shake(server: Server, headers: dict[str, str], more: bytes = b"", *, until: bytes = b"\r\n\r\n") -> bytes:
    """What is answered to a handshake with these headers, and with `more` right behind it."""
    host, port = server.url.removeprefix("http://").split(":")
    lines = [f"GET {PATH}websocket HTTP/1.1", f"Host: {host}:{port}", f"Origin: {server.url}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with closing(socket.create_connection((host, int(port)), timeout=5)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + more)
        answer = b""
        while until not in answer:
            answer += connection.recv(4096) or pytest.fail(f"closed after {answer!r}")
        return answer


def test_a_good_handshake_is_answered_and_compression_is_not_agreed_to(server: Server) -> None:
    head = shake(server, HANDSHAKE).partition(b"\r\n\r\n")[0].decode()
    assert head.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Accept: BACScCJPNqyz+UBoqMH89VmURoA=" in head  # of this key, by the RFC
    assert "extensions" not in head.lower()


def test_what_comes_right_after_the_handshake_is_heard(server: Server) -> None:
    frame = ABNF.create_frame("2", ABNF.OPCODE_PING).format()
    text = ABNF.create_frame("40{}", ABNF.OPCODE_TEXT).format()
    answer = shake(server, HANDSHAKE, frame + text, until=b"44{")
    assert b"\x8a\x012" in answer  # the pong


BAD = {
    "of an old version": {"Sec-WebSocket-Version": "8"},
    "without a key": {"Sec-WebSocket-Key": ""},
    "with half a key": {"Sec-WebSocket-Key": "MDEy"},
    "that upgrades nothing": {"Connection": "keep-alive"},
    "with a body": {"Content-Length": "2"},
    "with a body in chunks": {"Transfer-Encoding": "chunked"},
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD.keys())
def test_a_bad_handshake_is_refused(server: Server, headers: dict[str, str]) -> None:
    assert shake(server, HANDSHAKE | headers, b"{}").startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "query",
    [
        "EIO=4",
        "EIO=4&transport=flash",
        "EIO=3&transport=polling",
        "transport=polling",
        "EIO=4&transport=polling&j=0",
    ],
)
def test_a_handshake_that_is_not_of_this_protocol_is_refused(server: Server, query: str) -> None:
    answer = requests.get(f"{server.url}/socket.io/?{query}", timeout=5)
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def closed_with(guest: Guest, *frames: bytes | str) -> int | None:
    """The code with which a signed-in socket is closed after these frames."""
    with RawSocket(guest.url, str(guest.token)) as raw:
        for frame in frames:
            if isinstance(frame, str):
                raw.connection.send(frame)
            else:
                raw.wire.sendall(frame)
        return close_code(raw)


def close_code(raw: RawSocket) -> int | None:
    raw.connection.settimeout(5)
    while True:
        opcode, data = raw.connection.recv_data(control_frame=True)
        if opcode == ABNF.OPCODE_CLOSE:
            return struct.unpack("!H", data[:2])[0] if data else None


def frame(opcode: int, payload: bytes, *, fin: int = 1, mask: int = 1) -> bytes:
    return ABNF(fin, 0, 0, 0, opcode, mask, payload).format()


BREACHES = {
    "not UTF-8": (1007, frame(1, b"4\xff")),
    "not masked": (1002, frame(1, b"40", mask=0)),
    "a continuation of nothing": (1002, frame(0, b"40")),
    "a fragmented ping": (1002, frame(9, b"", fin=0)),
    "too large": (1009, frame(1, b"4" + b"x" * 256 * 1024)),
    "too large in fragments": (1009, frame(1, b"4" + b"x" * 200_000, fin=0) + frame(0, b"x" * 100_000)),
    "bytes": (1008, frame(2, b"\x04abc")),
    "a base64 packet": (1008, "bAQID"),
    "a binary packet": (1008, '451-["send",{"_placeholder":true,"num":0}]'),
    "an id of eleven digits": (1008, '4212345678901["typing",{}]'),
    "nesting": (1008, '42["send",' + "[" * 8 + "]" * 8 + "]"),
    "deep nesting": (1008, "42" + "[" * 100_000),
    "many brackets": (1008, '42["send",[' + "[]," * 5000 + "[]]]"),
    "no event": (1008, "42{}"),
    "an event without a name": (1008, "42[7]"),
    "an error": (1008, '44{"message":"no"}'),
    "a type that is none": (1008, "9"),
    "nothing": (1008, "4"),
}


@pytest.mark.parametrize(("code", "sent"), BREACHES.values(), ids=BREACHES.keys())
def test_a_breach_closes_the_connection_and_says_why(ann: Guest, code: int, sent: bytes | str) -> None:
    assert closed_with(ann, sent) == code


def test_brackets_within_a_text_are_no_nesting(ann: Guest, chat: Json) -> None:
    with ann.socket() as sock:
        assert sock.send(chat, '[[[[[[[[[["\\"]]' * 500)["content"].startswith("[[[")


def test_fragments_pings_and_a_goodbye(ann: Guest, chat: Json) -> None:
    with RawSocket(ann.url, str(ann.token)) as raw:
        event = ("421" + json.dumps(["enter", {"chat_id": chat["id"]}])).encode()
        raw.wire.sendall(frame(1, event[:5], fin=0) + frame(9, b"there?") + frame(0, event[5:], fin=0))
        raw.wire.sendall(frame(0, b""))
        opcode, data = raw.connection.recv_data(control_frame=True)
        assert (opcode, data) == (ABNF.OPCODE_PONG, b"there?")
        assert raw.receive().startswith("431[")
        raw.wire.sendall(frame(8, struct.pack("!H", 1001)))
        assert close_code(raw) == 1001
        assert raw.rest() == b""  # it is closed by the server, as the RFC has it


def test_a_second_namespace_is_refused(ann: Guest) -> None:
    with RawSocket(ann.url, str(ann.token)) as raw:
        raw.connection.send("40/admin,{}")
        assert raw.receive() == '44/admin,{"message":"Invalid namespace"}'


def test_a_client_goes_from_polling_to_a_websocket_without_losing_a_word(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    """By hand: what is said while the line is probed is held back, and comes first on the new line."""
    address = bob.url + PATH + "polling"
    opened = json.loads(requests.get(address, timeout=5).text[1:])
    address += f"&sid={opened['sid']}"

    def post(packet: str) -> None:
        assert requests.post(address, data=packet, timeout=5).text == "ok"

    post("40" + json.dumps({"token": bob.token}))
    post("421" + json.dumps(["enter", {"chat_id": chat["id"], "after": 0}]))
    heard = requests.get(address, timeout=5).text.split("\x1e")
    assert [packet[:2] for packet in heard][:2] == ["40", "43"]
    ann.send(chat, "polled")
    for _ in range(10):
        if any('"polled"' in packet for packet in heard):
            break
        heard += requests.get(address, timeout=20).text.split("\x1e")
    assert any('"polled"' in packet for packet in heard)
    wire = websocket.create_connection(
        address.replace("http", "ws", 1).replace("polling", "websocket"), timeout=5
    )
    with closing(wire):
        wire.send("2probe")
        assert wire.recv() == "3probe"
        ann.send(chat, "held back")
        assert requests.get(address, timeout=5).text == "6"
        wire.send("5")
        packets = [str(wire.recv())]
        ann.send(chat, "pushed")
        while '"pushed"' not in packets[-1]:
            packets.append(str(wire.recv()))
    contents = [
        json.loads(packet[2:])[1]["content"] for packet in packets if packet.startswith('42["message"')
    ]
    assert contents == ["held back", "pushed"]


def test_a_flood_of_events_is_slowed_down_and_keeps_its_order(start_server: Callable[..., Server]) -> None:
    ann = Guest.sign_in(start_server(event_rate="5+20/s", message_rate="off").url)
    chat = ann.open_chat()
    with RawSocket(ann.url, str(ann.token)) as raw:
        for number in range(25):
            raw.connection.send(f"42{number}" + json.dumps(["leave", {"chat_id": chat["id"]}]))
        acks = [raw.receive() for _ in range(25)]
        assert [int(ack[2 : ack.index("[")]) for ack in acks] == list(range(25))
