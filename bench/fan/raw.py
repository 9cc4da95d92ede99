"""bench/fan/raw.c once more, for machines without a C compiler: one `send` for each subscriber."""

from __future__ import annotations

import select
import socket

ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
JOINED = b"\x81\x05430[]"
BEGIN = b'42["message",'


def made(payload: bytes) -> bytes:
    size = len(payload)
    length = bytes([size]) if size < 126 else bytes([126]) + size.to_bytes(2, "big")
    return b"\x81" + length + payload


def payloads(data: bytes) -> list[bytes]:
    """What is in these frames of a client, which come whole."""
    found, place = [], 0
    while place < len(data):
        size, start = data[place + 1] & 0x7F, place + 6
        if size == 126:
            size, start = int.from_bytes(data[place + 2 : place + 4], "big"), place + 8
        found.append(data[start : start + size])
        place = start + size
    return found


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(f"Running on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    epoll = select.epoll()
    epoll.register(listener, select.EPOLLIN)
    connections: dict[int, socket.socket] = {}
    upgraded: set[int] = set()
    subscribers: list[socket.socket] = []
    while True:
        for fd, _ in epoll.poll():
            if fd == listener.fileno():
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[connection.fileno()] = connection
                epoll.register(connection, select.EPOLLIN)
                continue
            connection = connections[fd]
            data = connection.recv(65536)
            if not data:
                return  # the bench is over
            if fd not in upgraded:
                upgraded.add(fd)
                connection.sendall(ACCEPTED)
                continue
            for payload in payloads(data):
                if payload.startswith(b'420["join"'):
                    subscribers.append(connection)
                    connection.sendall(JOINED)
                elif b"{" in payload:
                    frame = made(BEGIN + payload[payload.index(b"{") :])
                    for subscriber in subscribers:
                        subscriber.sendall(frame)


if __name__ == "__main__":
    main()
