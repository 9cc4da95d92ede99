"""What one socket can cost the server when its client means ill."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websocket import ABNF

from tests.support.people import Guest
from tests.support.server import Server
from tests.support.sockets import RawSocket

MOST = 10 * 1024 * 1024  # bytes that one socket may add
FOR = 6.0  # seconds of each flood
UNLIMITED = {"message_rate": "off", "visit_rate": "off", "event_rate": "off", "typing_rate": "off"}


def text_frame(text: str) -> bytes:
    return ABNF.create_frame(text, ABNF.OPCODE_TEXT).format()


def pages() -> Iterator[bytes]:
    """Asks for a page of the room again and again, and never reads one."""
    while True:
        yield text_frame("42" + json.dumps(["enter", {"chat_id": 1, "after": 0}]).replace("[", "1[", 1))


def large_events() -> Iterator[bytes]:
    frame = text_frame("421" + json.dumps(["send", {"chat_id": 1, "content": "x" * 250_000}]))
    while True:
        yield frame


def pings() -> Iterator[bytes]:
    frame = ABNF.create_frame("x" * 100, ABNF.OPCODE_PING).format()
    while True:
        yield frame * 20


def fragments() -> Iterator[bytes]:
    yield ABNF(0, 0, 0, 0, ABNF.OPCODE_TEXT, 1, b"42").format()
    while True:
        yield ABNF(0, 0, 0, 0, ABNF.OPCODE_CONT, 1, "é".encode()).format() * 50


def lists() -> Iterator[bytes]:
    frame = text_frame("421" + json.dumps(["send", {"chat_id": 1, "files": list(range(10, 60_000))}]))
    while True:
        yield frame


FLOODS = [pages, large_events, pings, fragments, lists]


def memory(server: Server) -> int:
    """What the server's process holds now, in bytes."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) * 1024


@pytest.mark.long
@pytest.mark.parametrize("flood", FLOODS, ids=[flood.__name__ for flood in FLOODS])
def test_one_hostile_socket_adds_little_memory_and_delays_nobody(
    start_server: Callable[..., Server], flood: Callable[[], Iterator[bytes]]
) -> None:
    server = start_server(**UNLIMITED)
    ann, eve = Guest.sign_in(server.url), Guest.sign_in(server.url)
    chat = ann.open_chat()
    eve.join(chat)
    for _ in range(60):
        ann.send(chat, "x" * 5000)
    with RawSocket(server.url, str(eve.token), receive_buffer=4096) as raw, ann.socket() as other:
        other.enter(chat)
        before = most = memory(server)
        slowest = 0.0
        raw.wire.setblocking(False)
        frames, rest = flood(), b""
        until = time.monotonic() + FOR
        while (began := time.monotonic()) < until:
            try:
                for _ in range(100):
                    rest = rest or next(frames)
                    rest = rest[raw.wire.send(rest) :]
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                break  # it was cut off
            other.call("leave", {"chat_id": 0})
            slowest = max(slowest, time.monotonic() - began)
            most = max(most, memory(server))
    assert most - before < MOST, f"{(most - before) / 1e6:.1f} MB"
    assert slowest < 5.0, "somebody else had to wait"
