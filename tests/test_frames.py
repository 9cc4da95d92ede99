"""WebSocket frames, against wsproto, which knows the RFC."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from porch.realtime.frames import (
    MOST_AT_ONCE,
    OF_PIECES,
    Closing,
    Found,
    FrameReader,
    Pinged,
    close_frame,
    message_frame,
    pong_frame,
)

LARGEST = 70_000
MASK = b"\x5a\x00\xff\x31"


def masked(first: int, payload: bytes, *, mask: bytes = MASK, shape: int | None = None) -> bytes:
    """A client's frame; `shape` chooses how its length is written: 0, 2 or 8 bytes more."""
    size = len(payload)
    if shape is None:
        shape = 0 if size < 126 else 2 if size < 65536 else 8
    length = {
        0: bytes([0x80 | size & 0x7F]),
        2: b"\xfe" + struct.pack("!H", size & 0xFFFF),
        8: b"\xff" + struct.pack("!Q", size),
    }[shape]
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return bytes([first]) + length + mask + body


def read(*pieces: bytes, largest: int = LARGEST) -> list[Found]:
    reader = FrameReader(largest)
    return [found for piece in pieces for found in reader.feed(piece)]


def read_by_wsproto(data: bytes) -> list[Found]:
    connection = Connection(ConnectionType.SERVER)
    connection.receive_data(data)
    found: list[Found] = []
    parts = bytearray()
    for event in connection.events():
        match event:
            case TextMessage():
                parts += event.data.encode()
                if event.message_finished:
                    found.append(parts.decode())
                    parts.clear()
            case BytesMessage():
                parts += event.data
                if event.message_finished:
                    found.append(bytes(parts))
                    parts.clear()
            case Ping():
                found.append(Pinged(bytes(event.payload)))
            case CloseConnection():
                return [*found, Closing(int(event.code))]
    return found


frames = st.one_of(
    st.text(max_size=300).map(lambda text: masked(0x81, text.encode())),
    st.text("a€😀", min_size=60, max_size=400).map(lambda text: masked(0x81, text.encode())),
    st.builds(
        masked,
        st.sampled_from([0x81, 0x01, 0x80, 0x00, 0x82, 0x88, 0x89, 0x8A, 0xC1, 0x83]),
        st.binary(max_size=140),
        mask=st.binary(min_size=4, max_size=4),
        shape=st.sampled_from([None, 0, 2, 8]),
    ),
    st.text(max_size=20).map(message_frame),  # not masked, which only a server may
)


@given(st.lists(frames, max_size=6), st.lists(st.integers(0, 2000), max_size=8), st.binary(max_size=3))
@example([masked(0x81, "€".encode()[:2])], [], b"")
@example([masked(0x81, b"x" * 125), masked(0x81, b"y" * 126)], [3, 131], b"")
@example([masked(0x81, b"short", shape=2)], [], b"")
def test_what_is_read_is_what_wsproto_reads_however_it_comes(
    sent: list[bytes], cuts: list[int], more: bytes
) -> None:
    data = b"".join(sent) + more
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    found = read(*(data[start:end] for start, end in pairwise(places)))
    if found and isinstance(found[-1], Closing):
        code = 1005 if found[-1].code is None else found[-1].code
        found[-1] = Closing(code)
    assert found == read_by_wsproto(data)


@given(st.one_of(st.text(), st.binary()), st.integers(0, 3))
def test_a_client_reads_our_frames(message: str | bytes, times: int) -> None:
    message = message * 4**times
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(message_frame(message))
    data = [event.data for event in client.events() if isinstance(event, TextMessage | BytesMessage)]
    assert b"".join(part.encode() if isinstance(part, str) else part for part in data) == (
        message.encode() if isinstance(message, str) else message
    )


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_frame_of_each_length(size: int) -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(message_frame("x" * size))
    assert [event.data for event in client.events() if isinstance(event, TextMessage)] == ["x" * size]


def test_control_frames_of_ours() -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(pong_frame(b"again") + close_frame(1013, "€" * 60))
    pong, closing = client.events()
    assert getattr(pong, "payload") == b"again"  # noqa: B009  # of any event's class
    assert closing == CloseConnection(code=1013, reason="€" * 41)  # no half character, and it fits
    assert close_frame(None) == b"\x88\x00"


@pytest.mark.parametrize(
    "frames",
    [
        [masked(0x81, b"x" * 1001)],
        [masked(0x01, b"x" * 600), masked(0x80, b"x" * 401)],
        [masked(0x82, b"x" * 1001)],
        [masked(0x01, b"x" * 1001)],
    ],
    ids=["text", "fragments", "bytes", "one fragment"],
)
def test_a_message_that_is_too_large_is_read_no_further(frames: list[bytes]) -> None:
    (closing,) = read(b"".join(frames), largest=1000)
    assert isinstance(closing, Closing)
    assert closing.code == 1009


def test_a_message_of_many_fragments_is_whole() -> None:
    text = "Grüße € 😀 " * 5
    pieces = [text.encode()[place : place + 1] for place in range(len(text.encode()))]
    firsts = [0x01, *[0x00] * (len(pieces) - 2), 0x80]
    sent = [masked(first, piece) for first, piece in zip(firsts, pieces, strict=True)]
    assert read(*sent[:5], masked(0x89, b"meanwhile"), *sent[5:]) == [Pinged(b"meanwhile"), text]


def test_a_flood_of_control_frames_is_a_reason_to_close() -> None:
    found = read(masked(0x8A, b"") * (MOST_AT_ONCE // OF_PIECES + 1))
    assert found == [Closing(1008, "too many frames")]


def test_after_a_ping_many_messages_may_still_come_at_once() -> None:
    message = masked(0x81, b"hello")
    assert read(masked(0x89, b"?") + message * 300) == [Pinged(b"?"), *["hello"] * 300]
    flood = read(masked(0x89, b"?") + message * MOST_AT_ONCE)
    assert flood[-1] == Closing(1008, "too many frames")


def test_a_goodbye_is_told_from_a_breach() -> None:
    assert read(masked(0x88, struct.pack("!H", 1001) + b"bye")) == [Closing(1001, "bye", is_goodbye=True)]
    (breach,) = read(masked(0x81, b"\xff"))
    assert isinstance(breach, Closing)
    assert (breach.code, breach.is_goodbye) == (1007, False)
