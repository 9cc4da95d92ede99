"""A load generator: holds many WebSocket connections, sends, and counts what arrives. A program of its own,
so that its work is never counted as a server's; nothing but the standard library.

It reads JSON lines and answers each with one. The first is the plan: `ports` (of which connections take
turns), `library` (counting.c, compiled; or ""), `counted` (how a delivery begins), `answered` (how an
acknowledgement begins), `sources` (addresses to come from), and `receivers` and `senders`, lists of scripts.
A script is what one connection does until it is ready: a list of pairs, of what to wait for and what to send
then. `run` sends events and waits until all have them; `poll` asks by HTTP; `rest` only keeps the connections
alive. What arrives is not parsed.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from typing import Any

from bench.fan.counting import CHUNK, RECEIVER, SENDER, Counting, InC, InPython

AT_ONCE = 64  # connections that are being made
PATIENCE = 60.0  # seconds without anything that arrives

Script = list[tuple[str, str | None]]


def frame(text: str) -> bytes:
    """A text frame as clients send it. The mask is zero, which is a mask."""
    payload = text.encode()
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + payload


class Connection:
    """One that is not ready yet, and follows its script."""

    def __init__(self, port: int, source: str, script: Script) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.fd = self.socket.fileno()
        self._rest = list(reversed(script))
        self._heard = b""
        _, request = self._rest.pop()
        assert request is not None, "a script begins with a request"
        self.socket.sendall(request.encode())

    def is_ready(self) -> bool:
        """Whether the script is at its end, after what has come. Raises ConnectionError."""
        data = os.read(self.fd, CHUNK)
        if not data:
            raise ConnectionError(f"closed after {self._heard!r}")
        self._heard += data
        while self._rest:
            awaited, then = self._rest[-1]
            place = self._heard.find(awaited.encode())
            if place < 0:
                return False
            self._heard = self._heard[place + len(awaited) :]
            self._rest.pop()
            if then is not None:
                os.write(self.fd, frame(then))
        # A frame's end may come apart from its beginning.
        return self._heard == b"" or self._heard.endswith((b"]", b"}", b"\n", b">"))


class Generator:
    def __init__(self, plan: dict[str, Any]) -> None:
        begin = plan["counted"], plan["answered"]
        self._counting: Counting = InC(plan["library"], *begin) if plan["library"] else InPython(*begin)
        self._ports: list[int] = plan["ports"]
        self._sources: list[str] = plan["sources"]
        self._epoll = select.epoll()
        self._sockets: list[socket.socket] = []
        self._number = time.time_ns() & 0xFFFF_FFFF_0000  # of messages, another in each process
        self._connect(plan["receivers"], RECEIVER)
        self._senders = self._connect(plan["senders"], SENDER)

    def _connect(self, scripts: list[Script], kind: int) -> list[int]:
        """Make a connection for each script, and wait until all are ready."""
        waiting = list(enumerate(scripts))
        made: dict[int, Connection] = {}
        ready = []
        last = time.monotonic()
        while waiting or made:
            while waiting and len(made) < AT_ONCE:
                number, script = waiting.pop()
                port = self._ports[number % len(self._ports)]
                one = Connection(port, self._sources[number % len(self._sources)], script)
                made[one.fd] = one
                self._sockets.append(one.socket)
                self._epoll.register(one.fd, select.EPOLLIN)
            for fd, _ in self._epoll.poll(1):
                if fd not in made:
                    self._counting.take(fd)
                elif made[fd].is_ready():
                    del made[fd]
                    ready.append(fd)
                    self._counting.watch(fd, kind)
                    last = time.monotonic()
            if time.monotonic() - last > PATIENCE:
                raise TimeoutError(f"{len(made)} connections did not become ready")
        return ready

    def run(self, event: str, messages: int, window: int, senders: int, each: int, answers: int) -> None:
        """Send so many messages, at most `window` of which are under way, by so many senders in turn; each
        goes to `each` receivers, and is answered so many times.
        """
        counting = self._counting
        delivered, answered, sent, done = counting.deliveries, counting.answers, 0, 0
        while done < messages:
            while sent < messages and sent - done < window:
                self._number += 1
                text = event.replace("@CLIENT@", f"{self._number:012x}")
                os.write(self._senders[sent % senders], frame(text))
                sent += 1
            done += 1
            if not counting.collect(
                self._epoll, delivered + done * each, answered + done * answers, PATIENCE
            ):
                raise TimeoutError(f"after {done - 1} of {messages} messages nothing came any more")

    def poll(self, request: str, times: int) -> None:
        """Ask the same by HTTP again and again on one connection; all answers are as long as the first."""
        with socket.create_connection(("127.0.0.1", self._ports[0]), timeout=PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(request.encode())
            time.sleep(0.5)
            first = connection.recv(CHUNK)
            if not first.startswith(b"HTTP/1.1 200"):
                raise ConnectionError(first.decode(errors="replace"))
            for _ in range(times - 1):
                connection.sendall(request.encode())
                missing = len(first)
                while missing:
                    missing -= len(connection.recv(missing))

    def rest(self, seconds: float) -> None:
        """Answer pings and nothing else."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for fd, _ in self._epoll.poll(left):
                self._counting.take(fd)

    def wait(self, channel: int) -> None:
        """Rest until there is something to read from a file."""
        self._epoll.register(channel, select.EPOLLIN)
        ordered = False
        while not ordered:
            for fd, _ in self._epoll.poll():
                if fd == channel:
                    ordered = True
                else:
                    self._counting.take(fd)
        self._epoll.unregister(channel)


def main() -> None:
    # Read past Python's buffer, so that a poll sees what has come.
    lines = os.fdopen(0, "rb", buffering=0)
    generator: Generator | None = None
    while True:
        answer: dict[str, Any] = {}
        wall = cpu = 0.0
        try:
            if generator is not None:
                generator.wait(0)
            line = lines.readline()
            if not line:
                return
            order = json.loads(line)
            wall, cpu = time.perf_counter(), time.process_time()
            if generator is None:
                generator = Generator(order)
            else:
                getattr(generator, order.pop("do"))(**order)
        except (OSError, TimeoutError) as error:  # while it rests: said when the next order comes
            answer["error"] = f"{type(error).__name__}: {error}"
        answer |= {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps(answer), flush=True)
        if "error" in answer:
            sys.exit(1)


if __name__ == "__main__":
    main()
