"""Many at once: everybody sees every message once, in the same order, whatever happens to the server."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.support.people import Guest, Json
from tests.support.readers import Listener, LongPoller, Poller, whole_history
from tests.support.server import Server
from tests.support.waiting import eventually

WRITERS = 8  # of each kind
EACH = 25
TOTAL = 2 * WRITERS * EACH

SERVERS = {"porch run": ("app.py",), "flask run": ("-m", "flask", "run", "--port", "0")}
NO_LIMITS: dict[str, Any] = {"message_rate": "off", "sign_in_rate": "off", "room_rate": "off"}


@pytest.fixture(scope="module", params=list(SERVERS))
def either_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("either")
    with Server(data, command=SERVERS[request.param], heartbeat=1, **NO_LIMITS) as running:
        yield running


def by_http(guest: Guest, chat: Json, start: threading.Barrier) -> list[Json]:
    """Write; returns the messages as they were acknowledged."""
    start.wait(timeout=20)
    return [guest.send(chat, f"{guest.username} {number}") for number in range(EACH)]


def by_socket(guest: Guest, chat: Json, start: threading.Barrier) -> list[Json]:
    with guest.socket() as socket:
        start.wait(timeout=20)
        return [socket.send(chat, f"{guest.username} {number}") for number in range(EACH)]


def test_all_readers_see_every_acknowledged_message_once_in_one_order(either_server: Server) -> None:
    host = Guest.sign_in(either_server.url)
    chat = host.open_chat()
    people = [Guest.sign_in(either_server.url) for _ in range(2 * WRITERS)]
    for guest in people:
        guest.join(chat)
    start = threading.Barrier(2 * WRITERS)
    with host.socket() as early, host.socket() as late, ThreadPoolExecutor(2 * WRITERS) as pool:
        early.enter(chat)
        readers = [
            Poller(people[0], chat, TOTAL).start(),
            LongPoller(people[1], chat, TOTAL).start(),
            Listener(host, chat, TOTAL, early).start(),
            Listener(host, chat, TOTAL, late).start(),
        ]
        writing = [
            pool.submit(by_http if number % 2 else by_socket, guest, chat, start)
            for number, guest in enumerate(people)
        ]
        eventually(lambda: len(early.contents()) > TOTAL // 10)
        late.enter(chat)  # what it hears first is far from the beginning
        acknowledged = [message for written in writing for message in written.result()]
        views = [reader.finish() for reader in readers]
    newcomer = Guest.sign_in(either_server.url)
    newcomer.join(chat)
    views.append(whole_history(newcomer, chat))

    log = sorted(acknowledged, key=lambda message: message["seq"])
    assert [m["seq"] for m in log] == list(range(1, TOTAL + 1))
    for view in views:
        assert view == log
    pushed = [data["seq"] for name, data in early.heard if name == "message"]
    assert pushed == list(range(1, TOTAL + 1))
    for guest in people:
        own = [m["content"] for m in log if m["user_id"] == guest.user_id]
        assert own == [f"{guest.username} {number}" for number in range(EACH)]


def test_one_message_that_is_sent_many_times_at_once_is_stored_once(either_server: Server) -> None:
    ann = Guest.sign_in(either_server.url)
    chat = ann.open_chat()
    client_id = str(uuid.uuid4())
    crowd = 12
    start = threading.Barrier(crowd)

    def send(number: int) -> Json:
        if number % 2:
            start.wait(timeout=20)
            return ann.send(chat, "Only once", client_id)
        with ann.socket() as socket:
            start.wait(timeout=20)
            return socket.send(chat, "Only once", client_id)

    with ThreadPoolExecutor(crowd) as pool:
        answers = list(pool.map(send, range(crowd)))
    assert ann.after(chat, 0)["messages"] == [answers[0]]
    assert all(answer == answers[0] for answer in answers)


@dataclass
class Sender:
    """Sends until the server is gone; remembers what it was told and what it was not."""

    guest: Guest
    chat: Json
    acknowledged: list[Json] = field(default_factory=list)
    unknown: tuple[str, str] = ("", "")

    def run(self, enough: Callable[[], bool], kill: Callable[[], None]) -> None:
        number = 0
        while True:
            number += 1
            content, client_id = f"{self.guest.username} {number}", str(uuid.uuid4())
            try:
                self.acknowledged.append(self.guest.send(self.chat, content, client_id))
            except requests.RequestException:
                self.unknown = (content, client_id)
                return
            if enough():
                kill()


def test_a_server_that_is_killed_has_lost_nothing_that_it_acknowledged(
    start_server: Callable[..., Server],
) -> None:
    first = start_server(**NO_LIMITS)
    host = Guest.sign_in(first.url)
    chat = host.open_chat()
    senders = [Sender(Guest.sign_in(first.url), chat) for _ in range(8)]
    for sender in senders:
        sender.guest.join(chat)

    def enough() -> bool:
        return sum(len(sender.acknowledged) for sender in senders) >= 150

    with ThreadPoolExecutor(len(senders)) as pool:
        running = [pool.submit(sender.run, enough, first.process.kill) for sender in senders]
        for sending in running:
            sending.result(timeout=60)
    first.kill()

    second = start_server(**NO_LIMITS)
    host.url = second.url
    log = whole_history(host, chat)
    assert [m["seq"] for m in log] == list(range(1, len(log) + 1))
    stored = {m["client_id"]: m for m in log}
    assert len(stored) == len(log)
    for sender in senders:
        for message in sender.acknowledged:
            assert stored[message["client_id"]] == message

    for sender in senders:
        sender.guest.url = second.url
        content, client_id = sender.unknown
        answer = sender.guest.raw(
            "POST", f"/chats/{chat['id']}/messages", json={"content": content, "client_id": client_id}
        )
        assert answer.status_code == (200 if client_id in stored else 201)
        repeated = sender.acknowledged[-1]
        assert sender.guest.send(chat, repeated["content"], repeated["client_id"]) == repeated
    said = Counter(m["content"] for m in whole_history(host, chat))
    expected = [m["content"] for sender in senders for m in sender.acknowledged]
    assert said == Counter(expected + [sender.unknown[0] for sender in senders])
