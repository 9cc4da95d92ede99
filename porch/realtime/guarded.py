"""Socket.IO packets as far as clients may send them: the rest is refused before it is parsed."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from socketio.packet import ACK, EVENT, Packet

# What no event of ours comes near.
DEEPEST = 8
MOST_BRACKETS = 4096

# Type, namespace, acknowledgement id. Binary packets are of the types 5 and 6, errors of type 4.
HEAD = re.compile(r"([0-3])(?:(/[^,?]*)(?:\?[^,]*)?(?:,|\Z))?([0-9]{0,10})(?![0-9])")
# A string counts as one piece, up to its end or the text's: brackets in it open nothing.
PIECES = re.compile(r'[\[{\]}]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


class _Json:
    """As python-socketio calls it. What msgspec does not take, as half a character, which only an escape can
    carry, goes Python's way.
    """

    _encode = msgspec.json.Encoder().encode
    _decode = msgspec.json.Decoder().decode

    @classmethod
    def loads(cls, text: str) -> Any:
        try:
            return cls._decode(text)
        except msgspec.DecodeError:
            return json.loads(text)

    @classmethod
    def dumps(cls, value: object, **options: Any) -> str:
        try:
            return cls._encode(value).decode()
        except UnicodeEncodeError:
            return json.dumps(value, **options)


class GuardedPacket(Packet):  # type: ignore[misc]  # it ships no types
    """python-socketio's packet, whose decoding raises ValueError for what is refused.

    It refuses binary packets, since the library keeps their attachments without a bound; ids of more than ten
    digits; and data that nests deeply, since parsing it recurses.
    """

    json = _Json
    uses_binary_events = False  # so nobody looks for bytes in what is sent

    def decode(self, encoded_packet: Any) -> int:
        head = HEAD.match(encoded_packet) if isinstance(encoded_packet, str) else None
        if head is None:
            raise ValueError("not a packet")
        data = encoded_packet[head.end() :]
        if is_deep(data):
            raise ValueError("too deep")
        self.packet_type = int(head[1])
        self.namespace = head[2]
        self.id = int(head[3]) if head[3] else None
        self.data = self.json.loads(data) if data else None
        if self.packet_type == EVENT:
            is_sound = isinstance(self.data, list) and self.data and isinstance(self.data[0], str)
        else:
            is_sound = self.packet_type != ACK or isinstance(self.data, list)
        if not is_sound:
            raise ValueError("not a packet")
        return 0  # attachments


def is_deep(text: str) -> bool:
    """Whether JSON text nests deeper than is parsed here, or has more brackets than any event."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = brackets = 0
    for piece in PIECES.finditer(text):
        match piece[0]:
            case "[" | "{":
                depth += 1
                brackets += 1
                if depth > DEEPEST or brackets > MOST_BRACKETS:
                    return True
            case "]" | "}":
                depth -= 1
    return False
