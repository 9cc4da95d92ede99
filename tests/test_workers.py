"""`porch run --workers`: several processes on one port, and the one that watches over them."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import UNLIMITED
from tests.support.metrics import numbers
from tests.support.people import TIMEOUT, Guest, Json, Socket
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import eventually

Start = Callable[[], Server]


@pytest.fixture(scope="module")
def start(redis: Redis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a supervisor with two workers, unless one is running; none of them is left behind."""
    started: set[int] = set()
    options: dict[str, Any] = UNLIMITED | {"redis_url": redis.site()}
    data = tmp_path_factory.mktemp("workers")
    with ExitStack() as stack:
        running: list[Server] = []

        def start() -> Server:
            if not running or running[-1].process.poll() is not None:
                command = ("tests/support/workers.py", "2")
                running.append(stack.enter_context(Server(data, command=command, **options)))
            eventually(lambda: len(workers(running[-1])) == 2)
            started.update(workers(running[-1]))
            return running[-1]

        yield start
    for pid in started:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def workers(server: Server) -> list[int]:
    tasks = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return sorted(int(pid) for task in tasks for pid in task.read_text().split())


def is_running(pid: int) -> bool:
    try:
        return "app.py" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def has_heard(socket: Socket, count: int) -> bool:
    return len(socket.events("message")) >= count


def send_until_answered(guest: Guest, chat: Json, content: str) -> None:
    """As clients do: the same again, with the same id, while nothing comes back."""
    client_id = str(uuid.uuid4())

    def is_stored() -> bool:
        try:
            return bool(guest.send(chat, content, client_id))
        except requests.ConnectionError:
            return False

    eventually(is_stored)


def test_one_worker_tells_the_numbers_of_all(start: Start) -> None:
    server = start()

    def told() -> dict[str, float]:
        """Whether each worker can serve."""
        found = numbers(requests.get(f"{server.url}/metrics", timeout=TIMEOUT).text)
        return {name[1]: value for name, value in found.items() if name[0] == "porch_ready"}

    pids = workers(server)
    eventually(lambda: told() == {str(pid): 1 for pid in pids})
    os.kill(pids[0], signal.SIGKILL)
    eventually(lambda: len(told()) == 2 and str(pids[0]) not in told())


def test_workers_share_a_port_and_stop_together(start: Start) -> None:
    server = start()
    pids = workers(server)
    assert Guest(server.url).get("/healthz") == {"ok": True}
    assert server.stop() == 0
    eventually(lambda: not any(map(is_running, pids)))
    assert "".join(server.output).count("Running on") == 1


@pytest.mark.long
def test_whoever_is_at_one_worker_hears_those_at_the_other(start: Start) -> None:
    server = start()
    people = [Guest.sign_in(server.url) for _ in range(8)]
    chat = people[0].open_chat()
    with ExitStack() as stack:
        sockets = []
        for person in people:
            person.join(chat)
            sockets.append(stack.enter_context(person.socket()))
            sockets[-1].enter(chat)
        for socket in sockets:
            socket.send(chat, "Hello")
        for socket in sockets:
            eventually(partial(has_heard, socket, 8))


@pytest.mark.long
def test_a_worker_that_dies_is_started_again(start: Start) -> None:
    server = start()
    first, second = workers(server)
    os.kill(first, signal.SIGKILL)
    assert Guest(server.url).get("/healthz") == {"ok": True}
    eventually(lambda: len(workers(server)) == 2 and first not in workers(server))
    assert second in workers(server)


@pytest.mark.long
def test_workers_are_replaced_one_after_another_and_no_message_is_lost(start: Start) -> None:
    server = start()
    ann, bob = Guest.sign_in(server.url), Guest.sign_in(server.url)
    chat = ann.open_chat()
    bob.join(chat)
    before = set(workers(server))
    done = threading.Event()
    sent: list[str] = []

    def talk() -> None:
        while not done.is_set():
            sent.append(f"Message {len(sent)}")
            send_until_answered(ann, chat, sent[-1])

    talking = threading.Thread(target=talk)
    talking.start()
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: len(workers(server)) == 2 and not before & set(workers(server)), within=90)
    done.set()
    talking.join(TIMEOUT)
    read: list[str] = []
    while len(page := bob.after(chat, len(read), limit=200)["messages"]):
        read += [message["content"] for message in page]
    assert read == sent
    assert len(sent) > 10


@pytest.mark.long
def test_workers_whose_supervisor_is_killed_stop_by_themselves(start: Start) -> None:
    server = start()
    pids = workers(server)
    server.kill()
    eventually(lambda: not any(map(is_running, pids)))
