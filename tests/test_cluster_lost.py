"""Redis goes and comes back, is slow, refuses, or is not the one that it says it is."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from porch.engines.cluster.lease import Lease
from porch.engines.cluster.limits import SharedLimiter
from porch.engines.cluster.line import Line, Unreachable, connect_to
from porch.engines.writing.bridge import ThreadBridge
from porch.errors import TooFast
from porch.events import message
from porch.values import Rate
from tests.conftest import skip_or_fail
from tests.support.certificates import make_certificate
from tests.support.processes import Process, a_message, is_heard
from tests.support.redis import MISSING, PROGRAM, Redis
from tests.support.server import ROOT
from tests.support.waiting import eventually


def test_without_redis_limits_are_each_process_s_own_and_nobody_waits(passing: Redis) -> None:
    limiters: list[SharedLimiter] = []
    leases: list[Lease] = []

    def prepare(process: Process) -> None:
        limiters.append(SharedLimiter(process.line, {"message": Rate(1, 0.001)}))
        leases.append(Lease(process.line, process.bus.process, "jobs"))

    site = passing.site()
    with Process(site, prepare) as process, Process(site, prepare):
        passing.kill()
        eventually(lambda: not process.line.is_up)
        for limiter in limiters:
            limiter.take("message", 1)
            with pytest.raises(TooFast):
                limiter.take("message", 1)
        assert [lease.is_ours() for lease in leases] == [True, True]
        with pytest.raises(Unreachable):
            process.line.ask("PING")


def test_redis_comes_back_and_everything_is_heard_again(passing: Redis) -> None:
    site = passing.site()
    with Process(site) as one, Process(site) as two:
        two.delivery.listen(7)
        eventually(lambda: is_heard(one, two, 7))
        passing.kill()
        eventually(lambda: not one.line.is_up and not two.bus.healthy)
        one.delivery.announce([message(a_message(7, 1))])
        assert one.sockets.emitted, "what is local goes on"
        two.rooms[7] = 1
        passing.start()
        eventually(lambda: one.bus.healthy and two.bus.healthy)
        two.sockets.relayed.clear()
        eventually(lambda: is_heard(one, two, 7))
        eventually(two.emits_after_a_look)
        assert two.sockets.emitted == [("head", {"chat_id": 7, "rev": 1}, "chat:7")]


def test_what_was_published_before_the_connection_broke_counts_as_lost(passing: Redis) -> None:
    with Process(passing.site()) as process:
        assert process.line.lost == 0
        passing.kill()
        eventually(lambda: not process.line.is_up)
        assert process.line.lost > 0, "its own beat, at least"


def test_what_redis_has_no_room_for_yet_arrives_later_in_its_order(passing: Redis) -> None:
    many = 200
    heard: list[bytes] = []
    site = passing.site()
    with Process(site) as one, Process(site) as two:
        two.delivery.listen(7)
        eventually(lambda: is_heard(one, two, 7))
        two.bus.on_chats(heard=lambda _chat_id, lines: heard.extend(lines), joined=lambda _chat_id: None)
        with passing.stopped():
            for number in range(many):
                one.bus.tell_chat(7, b"said %d " % number + b"x" * 100_000)

        def said() -> list[int]:  # where the log stands is told beside it
            return [int(line.split()[1]) for line in heard if line.startswith(b"said ")]

        eventually(lambda: len(said()) >= many)
        assert said() == list(range(many))
        assert one.line.lost == 0


# In a process that was patched for gevent, which sends by TLS in pieces of its own.
MUCH_AT_ONCE = """
from gevent import monkey
monkey.patch_all()
import sys, gevent
from porch.engines.writing.bridge import GeventBridge
from porch.engines.cluster.line import Line

line = Line(sys.argv[1], GeventBridge())
line.start()
assert line.wait_up(15)
print("up", flush=True)
sys.stdin.readline()  # Redis is stopped
for _ in range(200):
    line.publish(b"channel", b"x" * 100_000)
gevent.sleep(0.2)
print("sent", flush=True)
sys.stdin.readline()  # and goes on
print(line.ask("ECHO", "there").decode(), line.lost)
"""


@pytest.mark.long
def test_by_tls_much_that_redis_has_no_room_for_yet_is_not_lost(tmp_path: Path) -> None:
    if PROGRAM is None:
        skip_or_fail(MISSING)
    with (
        Redis(certificate=make_certificate(tmp_path)) as secret,
        subprocess.Popen(
            [sys.executable, "-c", MUCH_AT_ONCE, secret.site()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        assert next(process.stdout) == "up\n"
        with secret.stopped():
            print(file=process.stdin, flush=True)
            assert next(process.stdout) == "sent\n"
        said, _ = process.communicate("\n", timeout=30)
    assert said == "there 0\n"


def test_a_connection_that_brings_nothing_is_given_up(
    passing: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Process(passing.site()) as process:
        monkeypatch.setattr("porch.engines.cluster.bus.SILENCE", 0.2)
        with passing.stopped():
            eventually(lambda: "Redis cannot be reached" in caplog.text)
        eventually(lambda: process.bus.healthy)


def test_a_chat_that_could_not_be_asked_for_is_heard_by_the_next_connection(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    url = redis.site()
    with Process(url) as one, Process(url) as two:
        connection = two.bus._connection
        connection._sock.shutdown(socket.SHUT_WR)  # sending fails from here on
        two.delivery.listen(7)
        eventually(lambda: is_heard(one, two, 7))
        assert two.bus._connection is not connection
    assert "Traceback" not in caplog.text


def test_no_answer_is_another_s_where_redis_may_not_keep_silent(passing: Redis) -> None:
    passing.ask("ACL SETUSER ann on >secret ~* &* +@all -client|reply")
    line = Line(passing.site().replace("redis://", "redis://ann:secret@"), ThreadBridge())
    line.start()
    try:
        eventually(lambda: line.is_up or b"client|reply" in passing.ask("ACL LOG"))
        line.publish(b"channel", b"told")
        with pytest.raises(Unreachable):
            line.ask("ECHO", "said")
        assert not line.is_up
        passing.ask("ACL SETUSER ann +client|reply")
        eventually(lambda: line.is_up)
        line.publish(b"channel", b"told")
        assert line.ask("ECHO", "said") == b"said"
    finally:
        line.stop()


def test_by_tls_processes_hear_each_other_and_trust_nobody_else(tmp_path: Path) -> None:
    if PROGRAM is None:
        skip_or_fail(MISSING)
    other = tmp_path / "other"
    other.mkdir()
    right, wrong = make_certificate(tmp_path), make_certificate(other)
    with Redis(certificate=right) as secret:
        site = secret.site()
        with Process(site) as one, Process(site) as two:
            two.delivery.listen(7)
            eventually(lambda: is_heard(one, two, 7))
        by_another = site.replace(str(right.authority), str(wrong.authority))
        for address in (by_another, f"redis://127.0.0.1:{secret.port}"):
            with pytest.raises((RedisError, OSError)):
                connect_to(address, answers_in=5).connect()
