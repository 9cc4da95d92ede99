"""Counting what arrives: by a library that is compiled from counting.c, or without a compiler in Python."""

from __future__ import annotations

import ctypes
import os
import select
from typing import Any, Protocol

RECEIVER, SENDER = 1, 2
CHUNK = 256 * 1024
# What is sent is ASCII, so these are within no message.
PING, PONG = b"\x81\x012", b"\x81\x81\0\0\0\x003"


class Counting(Protocol):
    """Reads connections, answers pings, and counts frames by how their payloads begin."""

    def watch(self, fd: int, kind: int) -> None:
        """Count deliveries on a RECEIVER, acknowledgements on a SENDER."""

    def take(self, fd: int) -> None:
        """Read what has come. Raises ConnectionError when the connection was closed."""

    def collect(self, epoll: select.epoll, deliveries: int, answers: int, patience: float) -> bool:
        """Read until so many have come in all; False when nothing has come for `patience` seconds."""

    @property
    def deliveries(self) -> int: ...
    @property
    def answers(self) -> int: ...


class InC:
    def __init__(self, library: str, counted: str, answered: str) -> None:
        self._library: Any = ctypes.CDLL(library)
        self._library.begin.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        self._library.collect.argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_long, ctypes.c_int]
        self._library.delivered_so_far.restype = self._library.answered_so_far.restype = ctypes.c_long
        self._library.begin(counted.encode(), answered.encode())

    def watch(self, fd: int, kind: int) -> None:
        self._library.watch(fd, kind)

    def take(self, fd: int) -> None:
        if self._library.take(fd) < 0:
            raise ConnectionError("the server has closed a connection")

    def collect(self, epoll: select.epoll, deliveries: int, answers: int, patience: float) -> bool:
        found = self._library.collect(epoll.fileno(), deliveries, answers, int(patience * 1000))
        if found < 0:
            raise ConnectionError("the server has closed a connection")
        return bool(found)

    @property
    def deliveries(self) -> int:
        return int(self._library.delivered_so_far())

    @property
    def answers(self) -> int:
        return int(self._library.answered_so_far())


class InPython:
    """Counts how often a beginning stands in what was read, which for these messages is the same."""

    def __init__(self, counted: str, answered: str) -> None:
        self._begin = {RECEIVER: counted.encode(), SENDER: answered.encode()}
        self._kinds: dict[int, int] = {}
        self._cut: dict[int, bytes] = {}  # the end of what was read last, where a frame may have been cut
        self._found = {RECEIVER: 0, SENDER: 0}

    def watch(self, fd: int, kind: int) -> None:
        self._kinds[fd] = kind

    def take(self, fd: int) -> None:
        data = os.read(fd, CHUNK)
        if not data:
            raise ConnectionError("the server has closed a connection")
        if fd in self._cut:
            data = self._cut.pop(fd) + data
        kind = self._kinds[fd]
        begin = self._begin[kind]
        self._found[kind] += data.count(begin)
        for _ in range(data.count(PING)):
            os.write(fd, PONG)
        data = data.replace(PING, b"")
        if not data.endswith(b"]"):  # else a message is at its end
            self._cut[fd] = data[1 - len(begin) :]  # too short to be counted twice

    def collect(self, epoll: select.epoll, deliveries: int, answers: int, patience: float) -> bool:
        while self.deliveries < deliveries or self.answers < answers:
            found = epoll.poll(patience)
            if not found:
                return False
            for fd, _ in found:
                self.take(fd)
        return True

    @property
    def deliveries(self) -> int:
        return self._found[RECEIVER]

    @property
    def answers(self) -> int:
        return self._found[SENDER]
