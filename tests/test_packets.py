"""Socket.IO packets: what is encoded is what was said, what is decoded is nothing but what is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import ACK, CONNECT, EVENT, Packet

from porch.realtime.guarded import GuardedPacket

# Half a character is what only JSON's escapes can carry; the library's own encoder writes such.
texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_others_read_what_was_said(value: Any) -> None:
    sent = GuardedPacket(EVENT, ["news", value], binary=False).encode()
    read = Packet(encoded_packet=sent)
    assert (read.packet_type, read.data) == (EVENT, ["news", value])


@given(values)
def test_what_others_say_is_read(value: Any) -> None:
    text = json.dumps(["news", value])
    try:
        read = GuardedPacket(encoded_packet=f"27{text}")
    except ValueError:
        assert text.count("[") + text.count("{") > 8
        return
    assert (read.packet_type, read.id, read.data) == (EVENT, 7, ["news", value])


NUMBERS = "0 -0 -0.0 1e5 1E400 -1e400 1.0 1e-400 18446744073709551616 -9223372036854775809".split()
TEXTS = (
    *NUMBERS,
    *("1" * 400, "9" * 400 + ".5", "NaN", "-Infinity", "01", "+1", "1.", ".5", "0x1", "1 2", "tru", "nul"),
    *(
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\ud83d\\ude00"',
        '"\\u00"',
        '"\\x"',
        '"\n"',
        '"\0"',
        '"\u2028"',
        '"',
        "'a'",
    ),
    *(
        '{"a":1,"a":2}',
        '{"a":1,}',
        "[1,]",
        "[,]",
        "{1:2}",
        '{"":{}}',
        " [ 1 , { } ] ",
        "\xa0",
        "[1]]",
        "",
        "//",
    ),
)


@pytest.mark.parametrize("text", TEXTS)
def test_json_is_read_as_python_reads_it(text: str) -> None:
    def read(by: Callable[[str], object]) -> str:
        try:
            return repr(by(text))
        except ValueError:
            return "refused"

    assert read(GuardedPacket.json.loads) == read(json.loads)


@pytest.mark.parametrize(
    ("packet", "text"),
    [
        (GuardedPacket(CONNECT, {"sid": "x"}), '0{"sid":"x"}'),
        (GuardedPacket(ACK, [{"ok": True}], id=12), '312[{"ok":true}]'),
        (GuardedPacket(EVENT, ["news", "Grüße"], namespace="/"), '2["news","Grüße"]'),
        (GuardedPacket(EVENT, ["news"], namespace="/other"), '2/other,["news"]'),
    ],
)
def test_packets_are_as_short_as_can_be(packet: GuardedPacket, text: str) -> None:
    assert packet.encode() == text
