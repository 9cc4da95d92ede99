"""WebSocket frames (RFC 6455): finished ones to send, and what a client has sent.

Ours are never masked, compressed or fragmented, so the frame of one event is the same for everybody.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.frame_protocol import CloseReason

TEXT, BINARY, CLOSE, PONG = 0x81, 0x82, 0x88, 0x8A  # each with the bit of the last fragment
LONGEST_REASON = 123  # bytes: a control frame carries 125, and two are the code
# Whole messages that wsproto reads at once from one client, and how many of them a ping, a pong or a fragment
# counts as: all of it costs ten times what a message costs that is read here.
MOST_AT_ONCE = 400
OF_PIECES = 4


@dataclass(frozen=True, slots=True)
class Pinged:
    """The client asks whether we are there; the answer carries its payload."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Closing:
    """Nothing more comes. The answer carries this code, or none.

    Either the client says goodbye, or what it sent breaks a rule.
    """

    code: int | None
    reason: str = ""
    is_goodbye: bool = False


Found = str | bytes | Pinged | Closing


def message_frame(message: str | bytes) -> bytes:
    return _frame(TEXT, message.encode()) if isinstance(message, str) else _frame(BINARY, message)


def message_frames(messages: Iterable[str | bytes]) -> bytes:
    """Those of several messages, one behind another."""
    return b"".join(map(message_frame, messages))


def pong_frame(payload: bytes) -> bytes:
    return _frame(PONG, payload)


def close_frame(code: int | None, reason: str = "") -> bytes:
    if code is None:
        return _frame(CLOSE, b"")
    told = reason.encode()[:LONGEST_REASON].decode(errors="ignore")  # whole characters
    return _frame(CLOSE, struct.pack("!H", code) + told.encode())


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


class FrameReader:
    """Reads what one client sends. Messages are of at most `largest` bytes.

    Whole text frames of up to 64 KiB, which is all that most clients ever send, are read here; from the first
    frame of another kind on, wsproto reads everything.
    """

    __slots__ = ("_largest", "_message", "_rest", "_wsproto")

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._rest = b""  # the beginning of a text frame
        self._wsproto: Connection | None = None
        self._message = bytearray()  # the fragments of a message that is not complete yet

    def feed(self, data: bytes) -> list[Found]:
        """What these bytes complete. Nothing is found after a Closing."""
        if self._wsproto is not None:
            return self._read_by_wsproto(data)
        if self._rest:
            data = self._rest + data
        found: list[Found] = []
        start = 0
        try:
            while (frame := _text_frame(data, start, self._largest)) is not None:
                text, start = frame
                found.append(text)
        except _Unusual:
            self._wsproto = Connection(ConnectionType.SERVER)
            self._rest = b""
            return found + self._read_by_wsproto(data[start:])
        self._rest = data[start:]
        return found

    def _read_by_wsproto(self, data: bytes) -> list[Found]:
        assert self._wsproto is not None
        found: list[Found] = []
        self._wsproto.receive_data(data)
        cost = 0
        for event in self._wsproto.events():
            is_whole = (
                isinstance(event, TextMessage | BytesMessage) and event.message_finished and not self._message
            )
            cost += 1 if is_whole else OF_PIECES
            if cost > MOST_AT_ONCE:
                return [*found, Closing(CloseReason.POLICY_VIOLATION, "too many frames")]
            match event:
                case Ping():
                    found.append(Pinged(bytes(event.payload)))
                case CloseConnection():
                    is_goodbye = self._wsproto.state is ConnectionState.REMOTE_CLOSING
                    code = None if event.code == CloseReason.NO_STATUS_RCVD else int(event.code)
                    return [*found, Closing(code, event.reason or "", is_goodbye)]
                case TextMessage() | BytesMessage():
                    is_text = isinstance(event.data, str)
                    self._message += event.data.encode() if isinstance(event.data, str) else event.data
                    if len(self._message) > self._largest:
                        return [*found, Closing(CloseReason.MESSAGE_TOO_BIG, "too large")]
                    if event.message_finished:
                        found.append(self._message.decode() if is_text else bytes(self._message))
                        self._message.clear()
        return found


class _Unusual(Exception):
    """A frame that is not for the short way."""


def _text_frame(data: bytes, start: int, largest: int) -> tuple[str, int] | None:
    """The text of the frame that begins here, and where it ends; None when it is not all there.

    Raises _Unusual for another kind of frame, and for one that is wrong: wsproto knows in what way.
    """
    left = len(data) - start
    if left < 2:
        if left and data[start] != TEXT:
            raise _Unusual
        return None
    first, second = data[start], data[start + 1]
    if first != TEXT or not 0x80 <= second <= 0xFE:
        raise _Unusual
    head, size = start + 6, second & 0x7F
    if size == 126:
        if left < 4:
            return None
        head, size = start + 8, data[start + 2] << 8 | data[start + 3]
        if size < 126:
            raise _Unusual
    if size > largest:
        raise _Unusual
    end = head + size
    if end > len(data):
        return None
    try:
        return _unmasked(data[head - 4 : head], data[head:end]).decode(), end
    except UnicodeDecodeError:
        raise _Unusual from None


def _unmasked(mask: bytes, masked: bytes) -> bytes:
    """RFC 6455 5.3, as one number: a loop over bytes takes many times as long."""
    size = len(masked)
    pattern = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(masked, "big") ^ int.from_bytes(pattern, "big")).to_bytes(size, "big")
