"""Two machines of one site behind nginx, each with a network of its own: people on both talk, and a machine
that dies or loses its cable costs nobody a message.
"""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from sqlalchemy import make_url

from tests.conftest import UNLIMITED, skip_or_fail
from tests.support import network, postgres
from tests.support.certificates import make_certificate
from tests.support.fresh import fill, make_template
from tests.support.metrics import numbers
from tests.support.network import Machine, Network, a_network
from tests.support.people import TIMEOUT, Guest, Json
from tests.support.proxies import nginx
from tests.support.readers import whole_history
from tests.support.redis import PROGRAM, Redis
from tests.support.server import ROOT, Server
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.long,
    pytest.mark.sqlite("it has a PostgreSQL of its own, that is reached by the network"),
]

PORT = 5000
EACH = 50  # messages of each writer
TOKEN = "only-for-these-tests"


@dataclass
class Site:
    url: str  # by nginx
    machines: list[Machine]
    nodes: list[Server]

    def requests_at(self, number: int) -> float:
        """How many requests of the API a node has answered."""
        answer = requests.get(
            f"{self.nodes[number].url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=TIMEOUT
        )
        found = numbers(answer.text)
        return sum(value for name, value in found.items() if name[:2] == ("porch_requests_total", "api"))

    def machine_of(self, guest: Guest) -> int:
        """To which node nginx sends the browser of this person."""
        before = [self.requests_at(number) for number in range(2)]
        headers = as_browser(self, guest)
        requests.get(f"{self.url}/sessions/current", headers=headers, timeout=TIMEOUT).raise_for_status()
        one, other = (self.requests_at(number) - before[number] for number in range(2))
        return int(other > one)


def as_browser(site: Site, guest: Guest) -> dict[str, str]:
    """The headers of a request with a cookie, by which nginx finds a machine."""
    return {"Cookie": f"__Host-porch={guest.token}", "Origin": site.url}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    missing = [name for name in ("ip", "nginx") if shutil.which(name) is None]
    if missing or PROGRAM is None or postgres.missing() or not network.is_possible():
        skip_or_fail("this needs root, iproute2, nginx, PostgreSQL and Redis")
    with ExitStack() as stack:
        switch = stack.enter_context(a_network())
        certificate = make_certificate(tmp_path, switch.address)
        for name in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
            monkeypatch.setenv(name, str(certificate.authority))
        settings = {
            "database_url": stack.enter_context(_database(tmp_path / "data", switch)),
            "redis_url": stack.enter_context(Redis(switch.address)).site(),
            "trusted_proxies": switch.address,
            "metrics_token": TOKEN,
            "port": PORT,
            **UNLIMITED,
        }
        machines = [switch.machine(), switch.machine()]
        nodes = [
            stack.enter_context(
                Server(tmp_path / "data", prefix=machine.run, host=machine.address, **settings)
            )
            for machine in machines
        ]
        text = (ROOT / "deploy" / "cluster.nginx.conf").read_text()
        for number, machine in enumerate(machines, 1):
            assert f"10.0.0.1{number}:5000" in text
            text = text.replace(f"10.0.0.1{number}:5000", f"{machine.address}:{PORT}")
        url = stack.enter_context(nginx(tmp_path, certificate, "porch", address=switch.address, more=text))
        yield Site(url, machines, nodes)


@contextmanager
def _database(data: Path, switch: Network) -> Iterator[str]:
    """The address of a database that is reached by the network."""
    with postgres.running(listen=switch.address):
        make_template()
        fill(data)
        by_socket = make_url(postgres.address_of(data))
        yield by_socket.set(host=switch.address, query={}).render_as_string()


class Writer:
    """Says so many things by nginx, each again and again until it is acknowledged."""

    def __init__(self, site: Site, guest: Guest, chat: Json) -> None:
        self.contents = [f"{guest.username}: {number}" for number in range(EACH)]
        self.acknowledged: list[int] = []  # the places of what was said
        self.last = ""  # what came back at last, where that was no acknowledgement
        self._site, self._chat = site, chat
        self._headers = as_browser(site, guest)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        self._thread.join(timeout=120)
        assert len(self.acknowledged) == EACH, self.last

    def _run(self) -> None:
        for content in self.contents:
            client_id = str(uuid.uuid4())
            while (seq := self._say(content, client_id)) is None:
                time.sleep(0.05)
            self.acknowledged.append(seq)

    def _say(self, content: str, client_id: str) -> int | None:
        body = {"content": content, "client_id": client_id}
        try:
            answer = requests.post(
                f"{self._site.url}/chats/{self._chat['id']}/messages",
                json=body,
                headers=self._headers,
                timeout=5,
            )
        except requests.RequestException as error:
            self.last = str(error)
            return None
        if answer.status_code not in (200, 201):
            self.last = f"{answer.status_code} {answer.text}"
            return None
        seq: int = answer.json()["seq"]
        return seq


def confirm_whole(guest: Guest, chat: Json, writers: list[Writer]) -> None:
    """All that was acknowledged is there once, at the place that was told, and nothing else."""
    history = whole_history(guest, chat)
    assert [message["seq"] for message in history] == list(range(1, len(writers) * EACH + 1))
    said = {message["seq"]: message["content"] for message in history}
    for writer in writers:
        assert [said[seq] for seq in writer.acknowledged] == writer.contents
        assert writer.acknowledged == sorted(writer.acknowledged)


@pytest.fixture
def people(site: Site) -> list[Guest]:
    """Two who listen, and four who write, of whom each machine has two."""
    listening = [Guest.sign_in(site.url) for _ in range(2)]
    writing: tuple[list[Guest], list[Guest]] = ([], [])
    while min(map(len, writing)) < 2:
        guest = Guest.sign_in(site.url)
        writing[site.machine_of(guest)].append(guest)
    return [*listening, *writing[0][:2], *writing[1][:2]]


@pytest.fixture
def chat(people: list[Guest]) -> Json:
    opened = people[0].open_chat()
    for guest in people[1:]:
        guest.join(opened)
    return opened


def at(site: Site, number: int, guest: Guest) -> Guest:
    """The same person, connected to one of the nodes."""
    return Guest(site.nodes[number].url, guest.token)


def test_people_on_both_machines_hear_each_other(site: Site, people: list[Guest], chat: Json) -> None:
    with at(site, 0, people[0]).socket() as one, at(site, 1, people[1]).socket() as other:
        one.enter(chat)
        other.enter(chat)
        one.send(chat, "From one")
        other.send(chat, "From the other")
        eventually(
            lambda: sorted(one.contents()) == sorted(other.contents()) == ["From one", "From the other"]
        )


def test_a_machine_that_loses_its_cable_and_finds_it_again_costs_nobody_a_message(
    site: Site, people: list[Guest], chat: Json
) -> None:
    writers = [Writer(site, guest, chat) for guest in people[2:]]
    eventually(lambda: min(len(writer.acknowledged) for writer in writers) >= 5)
    site.machines[0].pull()
    cut = [len(writer.acknowledged) for writer in writers]
    # PostgreSQL lets go of what a machine held that says nothing more.
    eventually(
        lambda: all(len(one.acknowledged) >= n + 10 for one, n in zip(writers, cut, strict=True)), within=90
    )
    site.machines[0].plug()
    for writer in writers:
        writer.finish()
    eventually(lambda: site.requests_at(0) > 0)
    for number in range(2):
        confirm_whole(at(site, number, people[0]), chat, writers)


def test_a_machine_that_dies_costs_nobody_a_message(site: Site, people: list[Guest], chat: Json) -> None:
    with at(site, 1, people[1]).socket() as listener:
        listener.enter(chat)
        writers = [Writer(site, guest, chat) for guest in people[2:]]
        eventually(lambda: min(len(writer.acknowledged) for writer in writers) >= 5)
        assert site.requests_at(0) > 0
        site.nodes[0].kill()
        for writer in writers:
            writer.finish()
        confirm_whole(at(site, 1, people[0]), chat, writers)
        total = len(writers) * EACH
        eventually(lambda: {event["rev"] for event in listener.events("message")} >= {total})
