"""`/metrics`: who may read it, and that its numbers follow what happens."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from wsproto.frame_protocol import CloseReason

from porch.engines.meters import Distribution
from porch.metrics import Metrics
from porch.serving.siblings import Siblings
from tests.support import postgres
from tests.support.metrics import Numbers, numbers
from tests.support.people import Guest, Json, a_name, refused
from tests.support.server import Server
from tests.support.waiting import eventually
from tests.support.wires import Peer, engine

COMMITTER = (
    "postgres.committer.PostgresCommitter" if postgres.is_chosen() else "writing.committer.SqliteCommitter"
)
# How a poll that finds nothing new is counted: on PostgreSQL none goes the short way.
POLLED = "api" if postgres.is_chosen() else "poll"
TOKEN = "a token that is long enough".replace(" ", "-")
ELSEWHERE = "192.0.2.7"
REFUSED = ("porch_requests_total", "api", "401")
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


def read(client: FlaskClient) -> Numbers:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return numbers(answer.get_data(as_text=True))


def asked(client: FlaskClient, headers: dict[str, str] | None = None, *, by: str = "127.0.0.1") -> int:
    return client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": by}).status_code


def write(client: FlaskClient) -> None:
    """Sign in, which is a write."""
    assert client.post("/sessions", json={"username": a_name()}).status_code == 201


def test_programs_on_this_machine_may_read_it(client: FlaskClient) -> None:
    for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert asked(client, by=address) == 200
    for host in ("127.0.0.1:5000", "[::1]:5000", "localhost"):
        assert asked(client, {"Host": host}) == 200


def test_to_others_it_is_not_there(client: FlaskClient) -> None:
    assert asked(client, by=ELSEWHERE) == 404
    assert asked(client, WITH_TOKEN, by=ELSEWHERE) == 404
    answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": ELSEWHERE})
    assert answer.json == client.get("/chats/no/such/place").json


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"])
def test_what_came_by_a_proxy_on_this_machine_is_from_elsewhere(client: FlaskClient, header: str) -> None:
    assert asked(client, {header: "127.0.0.1"}) == 404


def test_also_when_the_proxy_is_believed(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=(ipaddress.ip_network("127.0.0.1"),)).test_client()
    assert asked(client, {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost"}) == 404


def test_a_page_whose_name_leads_to_this_machine_cannot_read_it(client: FlaskClient) -> None:
    assert asked(client, {"Host": "somebody.example:5000"}) == 404


def test_who_has_the_token_may_read_it_from_anywhere(make_app: Callable[..., Flask]) -> None:
    client = make_app(metrics_token=TOKEN).test_client()
    assert asked(client, WITH_TOKEN | {"Via": "1.1 proxy"}, by=ELSEWHERE) == 200
    for wrong in (TOKEN[:-1], f"{TOKEN}x", "", "é"):
        assert asked(client, {"Authorization": f"Bearer {wrong}"}, by=ELSEWHERE) == 404
    assert asked(client) == 200


def test_requests_and_refusals_are_counted(app: Flask, client: FlaskClient) -> None:
    before = read(client)
    for _ in range(3):
        assert client.get("/chats").status_code == 401
    assert client.get("/no/such/place").status_code == 404
    assert client.get("/static/icon.svg").status_code == 200
    after = read(client)

    def grown(*name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("porch_requests_total", "api", "401") == 3
    assert grown("porch_errors_total", "unauthenticated", "http") == 3
    assert grown("porch_requests_total", "none", "404") == 1
    assert grown("porch_errors_total", "not_found", "http") == 1
    assert grown("porch_requests_total", "static", "200") == 1
    assert grown("porch_requests_total", "api", "200") == 1  # the look before


def test_what_nobody_has_thought_of_is_counted(app: Flask, client: FlaskClient) -> None:
    def fail() -> str:
        raise RuntimeError

    app.add_url_rule("/fail", "fail", fail)
    assert client.get("/fail").status_code == 500
    assert read(client)["porch_errors_total", "error", "http"] == 1


def test_writes_are_counted_in_batches_and_timed(client: FlaskClient) -> None:
    before = read(client)
    write(client)
    after = read(client)
    for name in ("porch_write_batch_count", "porch_ack_seconds_count"):
        assert after[name,] > before[name,]
    assert after["porch_write_batch_sum",] > before["porch_write_batch_sum",]
    assert after["porch_ack_seconds_bucket", "10"] == after["porch_ack_seconds_count",]
    assert after["porch_writes_waiting",] == 0


def test_a_write_that_was_not_stored_is_no_acknowledgement(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client(use_cookies=False)
    write(client)
    with monkeypatch.context() as broken:

        def refuse(*_: object) -> None:
            raise OperationalError("BEGIN", None, Exception("disk full"))

        broken.setattr(f"porch.engines.{COMMITTER}.commit", refuse)
        assert client.post("/sessions", json={"username": a_name()}).status_code == 503
        before = read(client)
    assert before["porch_ready",] == 0
    assert before["porch_missing", "database"] == 1
    write(client)
    assert read(client)["porch_ack_seconds_count",] > before["porch_ack_seconds_count",]


def test_a_process_that_stops_says_so(app: Flask, client: FlaskClient) -> None:
    found = read(client)
    assert (found["porch_ready",], found["porch_missing", "stopping"]) == (1, 0)
    app.extensions["porch_engines"].readiness.stop()
    found = read(client)
    assert (found["porch_ready",], found["porch_missing", "stopping"]) == (0, 1)


def test_each_application_has_numbers_of_its_own(make_app: Callable[..., Flask], client: FlaskClient) -> None:
    other = make_app().test_client()
    other.get("/chats")
    assert ("porch_requests_total", "api", "401") in read(other)
    assert ("porch_requests_total", "api", "401") not in read(client)


def test_open_metrics_are_spoken_to_who_asks_for_them(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.mimetype == "application/openmetrics-text"
    lines = answer.get_data(as_text=True).splitlines()
    assert lines[-1] == "# EOF"
    assert "# TYPE porch_requests counter" in lines


def test_a_served_room_is_seen_in_the_numbers(server: Server, ann: Guest, bob: Guest, chat: Json) -> None:
    def now() -> Numbers:
        return numbers(ann.raw("GET", "/metrics").text)

    before = now()
    with ann.socket() as first, bob.socket() as second:
        first.enter(chat)
        second.enter(chat)
        refused(second.call, "enter", {"chat_id": 10**9, "after": 0})
        first.send(chat, "Hello")
        eventually(lambda: second.contents() == ["Hello"])
        # Who is sent something else meanwhile has it before its turn, which is what is counted.
        counted = ("porch_fanout_seconds_count",)
        eventually(lambda: now()[counted] > before[counted])
        after = now()
    assert after["porch_sockets_opened_total",] - before["porch_sockets_opened_total",] == 2
    assert after["porch_sockets", "websocket"] >= 2
    assert after["porch_deliveries_total",] - before["porch_deliveries_total",] >= 2
    assert after["porch_errors_total", "not_found", "socket"] >= 1
    assert after["porch_http_connections", "busy"] >= 1  # who asks
    assert after["process_resident_memory_bytes",] > 0
    rev = ann.after(chat, 0)["rev"]
    for _ in range(3):  # the first may have to look into the database
        ann.after(chat, rev)
    polls = ("porch_requests_total", POLLED, "200")
    assert now()[polls] > before.get(polls, 0)


def test_slow_clients_and_what_they_were_told_are_counted(app: Flask) -> None:
    server: Any = engine()
    metrics = Metrics(app.extensions["porch_engines"], SimpleNamespace(eio=server))

    def now() -> Numbers:
        return numbers(metrics.encoded("")[0].decode())

    slow, quick = Peer(server, "slow"), Peer(server, "quick")
    slow.upgrade()
    while not slow.client.kept:
        slow.client.say("4" + "x" * 10_000)
    quick.client.say("4hello")
    found = now()
    assert found["porch_backlog_clients",] == 2
    assert found["porch_backlog_bytes",] == slow.client.kept + len("4hello")
    assert (found["porch_sockets", "websocket"], found["porch_sockets", "polling"]) == (1, 1)
    slow.client.overflowed()
    assert now()["porch_sockets_cut_total", str(int(CloseReason.TRY_AGAIN_LATER))] == 1
    for peer in (slow, quick):
        peer.hang_up()


def test_of_several_workers_one_tells_the_numbers_of_all(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    both = [make_app(), make_app()]
    siblings = [
        Siblings(folder, app.extensions["porch_metrics"], name) for name, app in zip("ab", both, strict=True)
    ]
    for one in siblings:
        one.start()
    for number in range(3):
        both[number % 2].test_client().get("/chats")
    for app in both:
        found = read(app.test_client())
        requests = {name[-1]: value for name, value in found.items() if name[:3] == REFUSED}
        assert requests == {"a": 2, "b": 1}
    siblings[1].stop()
    assert {name[-1] for name in read(both[0].test_client())} == {"a"}
    assert [place.name for place in folder.iterdir()] == ["a"]
    siblings[0].stop()


def test_a_value_on_a_bound_belongs_below_it() -> None:
    sizes = Distribution((1, 2, 4))
    for value in (1, 2, 3, 4, 5):
        sizes.add(value)
    assert sizes.buckets() == [("1", 1), ("2", 2), ("4", 4), ("+Inf", 5)]
    assert sizes.total == 15
