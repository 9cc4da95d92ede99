"""What processes share by Redis: what they tell each other, limits, leases. A process is one object here."""

from __future__ import annotations

import math
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import InvalidResponse, RedisError, ResponseError

from porch.engines.cluster import lease
from porch.engines.cluster.activity import SharedActivity
from porch.engines.cluster.bus import Bus, heard, make_reader
from porch.engines.cluster.lease import Lease
from porch.engines.cluster.limits import SharedFailures, SharedLimiter
from porch.engines.cluster.line import Line, Unreachable, connect_to
from porch.engines.cluster.processes import LEASE, SILENCE, Processes
from porch.engines.cluster.relay import Relay
from porch.engines.cluster.tidings import Tidings
from porch.engines.limits.throttle import Throttle
from porch.engines.live.delivery import Delivery
from porch.engines.writing.bridge import ThreadBridge
from porch.errors import TooFast
from porch.events import Event, head, message, read, typing
from porch.values import Rate
from tests.conftest import skip_or_fail
from tests.support.certificates import make_certificate
from tests.support.redis import MISSING, PROGRAM, Redis
from tests.support.server import ROOT
from tests.support.waiting import eventually
from tests.test_delivery import Sockets


class Turns(ThreadBridge):
    """What is to be done soon is done when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.due: list[Callable[[], None]] = []
        self.held = False

    def soon(self, callback: Callable[[], None]) -> None:
        if self.held:
            self.due.append(callback)
        else:
            callback()

    @contextmanager
    def turn(self) -> Iterator[None]:
        self.held = True
        yield
        self.held = False
        while self.due:
            self.due.pop(0)()


class Process:
    """One process, as far as it has to do with others."""

    def __init__(
        self, url: str, *others: Callable[[Process], None], bridge: ThreadBridge | None = None
    ) -> None:
        self.line = Line(url, bridge or ThreadBridge())
        self.bus = Bus(url, self.line)
        self.sockets = Sockets()
        self.rooms: dict[int, int] = {}  # the heads of chats in the database
        self.delivery = Delivery(self.sockets, heads=self._heads, max_waiting=10)
        self.observed: list[Event] = []
        self.relay = Relay(self.bus, self.delivery, wants=lambda chat_id: False, observe=self.observed.append)
        self.delivery.joined_by(self.relay)
        for prepare in others:
            prepare(self)

    def _heads(self, chat_ids: Any) -> dict[int, int]:
        return {chat_id: self.rooms[chat_id] for chat_id in chat_ids if chat_id in self.rooms}

    def emits_after_a_look(self) -> bool:
        self.relay.heads.look()
        return bool(self.sockets.emitted)

    def __enter__(self) -> Process:
        self.line.start()
        self.bus.start()
        eventually(lambda: self.bus.healthy)
        return self

    def __exit__(self, *_: object) -> None:
        self.bus.stop()
        self.line.stop()


@pytest.fixture
def start(redis: Redis) -> Iterator[Callable[..., Process]]:
    """Start processes of one site."""
    url = redis.site()
    with ExitStack() as stack:
        yield lambda *others: stack.enter_context(Process(url, *others))


def is_heard(teller: Process, listener: Process, chat_id: int) -> bool:
    """Whether what is told to a chat arrives already."""
    teller.bus.tell_chat(chat_id, b"head 0 {}")
    return any(room == f"chat:{chat_id}" for _, _, room in listener.sockets.relayed)


def test_what_one_process_tells_all_others_hear_and_it_does_not(start: Callable[..., Process]) -> None:
    heard: list[tuple[str, str, Any]] = []
    processes = [start() for _ in range(3)]
    for name, process in zip("ABC", processes, strict=True):
        process.bus.on("news", partial(lambda name, who, what: heard.append((name, who, what)), name))
    processes[0].bus.tell("news", {"a": 1})
    eventually(lambda: len(heard) == 2)
    processes[1].bus.tell("news", "for A", to=processes[0].bus.process)
    eventually(lambda: len(heard) == 3)
    one = processes[0].bus.process
    assert sorted(heard[:2]) == [("B", one, {"a": 1}), ("C", one, {"a": 1})]
    assert heard[2] == ("A", processes[1].bus.process, "for A")


def test_a_chat_is_heard_by_those_who_listen_to_it(start: Callable[..., Process]) -> None:
    one, two = start(), start()
    two.delivery.listen(7)
    eventually(lambda: is_heard(one, two, 7))
    one.delivery.announce([message(a_message(8, 1)), message(a_message(7, 1)), message(a_message(7, 2))])
    eventually(lambda: len([told for told in two.sockets.relayed if told[0] == "message"]) == 2)
    told = [(name, room) for name, _, room in two.sockets.relayed if name == "message"]
    assert told == [("message", "chat:7")] * 2
    assert two.observed == []
    assert [name for name, _, _ in one.sockets.emitted] == ["message"] * 3, "once, by the process itself"


def test_what_is_announced_in_one_process_arrives_in_its_order(start: Callable[..., Process]) -> None:
    one, two = start(), start()
    two.delivery.listen(7)
    eventually(lambda: is_heard(one, two, 7))
    one.delivery.announce([message(a_message(7, 1)), read(7, 3, 1), message(a_message(7, 2))])

    def heard() -> list[str]:
        return [what for what in map(first_words, two.sockets.done) if what != "relay head"]

    eventually(lambda: len(heard()) == 3)
    assert heard() == ["relay message", "emit read", "relay message"]


def test_lines_of_one_turn_for_one_chat_come_together_and_overtake_nothing(redis: Redis) -> None:
    url, turns = redis.site(), Turns()
    heard: list[object] = []
    with Process(url, bridge=turns) as one, Process(url) as two:
        two.bus.on_chats(heard=lambda chat_id, lines: heard.append((chat_id, lines)), joined=heard.append)
        two.bus.on("news", lambda _process, payload: heard.append(payload))
        two.bus.listen(7)
        two.bus.listen(8)
        eventually(lambda: heard == [7, 8])
        heard.clear()
        with turns.turn():
            for line in (b"a 1 {}", b"b 2 {}"):
                one.bus.tell_chat(7, line)
            one.bus.tell_chat(8, b"c 1 {}")
            one.bus.tell_chat(7, b"d 3 {}")
            one.bus.tell("news", "here")
            one.bus.tell_chat(7, b"e 4 {}")
        eventually(lambda: len(heard) == 5)
    together = (7, [b"a 1 {}", b"b 2 {}"])
    assert heard == [together, (8, [b"c 1 {}"]), (7, [b"d 3 {}"]), "here", (7, [b"e 4 {}"])]


NONSENSE = [b"", b"head", b"head x {}", b"connect 9 {}", b'x",{}]42["y 9 {}', b"\xff 9 {}", b"typing 9 {"]


@pytest.mark.parametrize("line", NONSENSE)
def test_what_is_no_line_of_a_chat_is_passed_over_and_those_beside_it_are_heard(
    start: Callable[..., Process], line: bytes
) -> None:
    one, two = start(), start()
    two.delivery.listen(7)
    eventually(lambda: is_heard(one, two, 7))
    one.bus.tell_chat(7, b"\n".join((b'head 0 "before"', line, b'head 0 "after"')))
    eventually(lambda: two.sockets.relayed[-1][1] == '"after"')
    told = [told for told in two.sockets.relayed if told != ("head", "{}", "chat:7")]
    assert told == [("head", '"before"', "chat:7"), ("head", '"after"', "chat:7")]
    assert two.observed == []


def first_words(done: str) -> str:
    return " ".join(done.split()[:2])


def test_who_polls_hears_of_typing_elsewhere(start: Callable[..., Process]) -> None:
    one, two = start(), start()
    two.delivery.listen(7)
    eventually(lambda: is_heard(one, two, 7))
    with two.delivery.waiter(7, 99, 5) as news:
        assert news is not None
        one.delivery.announce([typing(7, 1, "Ann")])
        assert news.wait(20)  # perhaps for a head that was on its way
    eventually(lambda: two.observed == [typing(7, 1, "Ann")])


def test_a_chat_that_nobody_is_in_is_heard_no_more(
    start: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = start()
    one.delivery.listen(7)
    with one.delivery.waiter(8, 99, 5):
        monkeypatch.setattr("porch.engines.cluster.relay.LINGERS", 0.0)
        one.relay.sweep()
        assert one.bus.listened() == [8]


def test_what_was_said_before_a_chat_was_heard_is_asked_for(start: Callable[..., Process]) -> None:
    one = start()
    one.rooms[7] = 12
    one.relay.heads.passed(8, 3)
    one.delivery.listen(7)
    eventually(one.emits_after_a_look)
    assert one.sockets.emitted == [("head", {"chat_id": 7, "rev": 12}, "chat:7")]


def test_a_process_that_says_goodbye_is_gone_at_once(start: Callable[..., Process]) -> None:
    gone: list[str] = []
    start(lambda process: process.bus.when_gone(gone.append))
    two = start()
    two.bus.stop()
    eventually(lambda: gone == [two.bus.process])


def test_a_bucket_is_one_for_all(start: Callable[..., Process]) -> None:
    rates = {"message": Rate(3, 0.001), "off": None}
    limiters: list[SharedLimiter] = []
    for _ in range(2):
        start(lambda process: limiters.append(SharedLimiter(process.line, rates)))
    one, two = limiters
    for limiter in (one, two, one):
        limiter.take("message", (1, 7))
    with pytest.raises(TooFast) as refused:
        two.take("message", (1, 7))
    assert 990 < refused.value.retry_after <= 1000
    two.take("message", (2, 7))
    two.take("off", (1, 7))
    one.give_back("message", (1, 7))
    two.take("message", (1, 7))
    with pytest.raises(TooFast):
        one.take("message", (1, 7))


def test_a_clock_that_is_set_back_locks_nobody_out(redis: Redis, start: Callable[..., Process]) -> None:
    """The clock is Redis's: what is kept there seems to be of tomorrow."""
    rates = {"message": Rate(1, 0.5)}
    limiters: list[SharedLimiter] = []
    counts: list[SharedFailures] = []

    def prepare(process: Process) -> None:
        limiters.append(SharedLimiter(process.line, rates))
        counts.append(SharedFailures(process.line, "one"))

    process = start(prepare)
    (limiter,), (failures,) = limiters, counts
    limiter.take("message", 1)
    failures.add(b"ann")
    for key in (b"porch:limit:message:1", b"porch:failures:one:616e6e"):
        at = float(process.line.ask("HGET", key, "at"))
        process.line.ask("HSET", key, "at", at + 86_400)
        process.line.ask("PERSIST", key)  # when it goes by itself is by the same clock
    with pytest.raises(TooFast) as refused:
        limiter.take("message", 1)
    assert refused.value.retry_after <= 2
    eventually(lambda: takes(limiter))
    assert failures.of(b"ann") <= 1


def takes(limiter: SharedLimiter) -> bool:
    try:
        limiter.take("message", 1)
    except TooFast:
        return False
    return True


def test_a_turn_is_one_for_all(start: Callable[..., Process]) -> None:
    limiters: list[SharedLimiter] = []
    for _ in range(2):
        start(lambda process: limiters.append(SharedLimiter(process.line, {})))
    one, two = limiters
    one.take_turn(100, "turn", 1, words="Slowly.")
    with pytest.raises(TooFast, match=r"Slowly\."):
        two.take_turn(100, "turn", 1, words="Slowly.")
    two.give_turn_back("turn", 1)
    eventually(lambda: takes_turn(one))


def takes_turn(limiter: SharedLimiter) -> bool:
    try:
        limiter.take_turn(100, "turn", 1, words="Slowly.")
    except TooFast:
        return False
    return True


def test_failed_guesses_are_counted_over_all(start: Callable[..., Process]) -> None:
    waited: list[float] = []
    throttles: list[Throttle] = []

    def prepare(process: Process) -> None:
        throttles.append(
            Throttle(
                sleep=waited.append,
                from_one=SharedFailures(process.line, "one"),
                from_everywhere=SharedFailures(process.line, "everywhere"),
            )
        )

    start(prepare)
    start(prepare)
    for number in range(7):
        with throttles[number % 2].attempt("ann", "192.0.2.1"):
            pass
    assert waited == [0.25, 0.5]


def test_counted_failures_are_forgotten_by_all(start: Callable[..., Process]) -> None:
    counts: list[SharedFailures] = []
    for _ in range(2):
        start(lambda process: counts.append(SharedFailures(process.line, "one")))
    one, two = counts
    one.add(b"ann")
    one.add(b"ann")
    assert 1.9 < two.of(b"ann") <= 2
    assert two.of(b"bob") == 0
    two.forget(b"ann")
    eventually(lambda: one.of(b"ann") == 0)


def test_one_holds_a_lease_until_it_lets_go_or_falls_silent(
    start: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    leases: list[Lease] = []
    for _ in range(2):
        start(lambda process: leases.append(Lease(process.line, process.bus.process, "jobs")))
    one, two = leases
    assert [one.is_ours(), two.is_ours(), one.is_ours()] == [True, False, True]
    one.let_go()
    eventually(two.is_ours)
    assert not one.is_ours()
    monkeypatch.setattr(lease, "LASTS", 20)
    assert two.is_ours()
    eventually(one.is_ours)


def test_who_looks_at_a_page_is_known_to_all(start: Callable[..., Process]) -> None:
    activities: list[SharedActivity] = []
    for _ in range(2):
        start(lambda process: activities.append(SharedActivity(process.bus)))
    one, two = activities
    one.note(1, 10, active=True)
    eventually(lambda: two.is_active(1))
    assert one.is_active(1)
    two.note(1, 10, active=False)
    eventually(lambda: not one.is_active(1))


def test_what_was_said_is_told_once_for_lobbies_and_lists(start: Callable[..., Process]) -> None:
    changed: list[int] = []
    said: list[Event] = []
    tidings: list[Tidings] = []
    for _ in range(2):
        start(lambda process: tidings.append(Tidings(process.bus, changed=changed.append, said=said.append)))
    new = [message(a_message(7, seq)) for seq in range(1, 10)]
    for event in [*new, message(a_message(8, 3) | {"rev": 4}), head(9, 5)]:
        tidings[0].observe(event)
    tidings[0].tick()
    tidings[0].tick()
    eventually(lambda: len(said) == 5)
    assert changed == [7, 8]
    assert said == new[-5:]


def a_message(chat_id: int, seq: int) -> dict[str, Any]:
    return {"chat_id": chat_id, "seq": seq, "rev": seq, "deleted": False, "user_id": 1}


# Redis goes, and comes back.


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


# Without a network.


PUSHED = (
    b"*3\r\n$9\r\nsubscribe\r\n$7\r\nporch:0\r\n:1\r\n"
    b"*3\r\n$7\r\nmessage\r\n$7\r\nporch:0\r\n$7\r\nHe\r\nllo\r\n"
    b"*3\r\n$7\r\nmessage\r\n$7\r\nporch:0\r\n$0\r\n\r\n"
    b"*3\r\n$11\r\nunsubscribe\r\n$7\r\nporch:0\r\n:0\r\n"
)


@pytest.mark.parametrize("size", [1, 2, 7, 50, len(PUSHED)])
def test_what_redis_sends_is_the_same_in_whatever_pieces_it_comes(size: int) -> None:
    reader = make_reader()
    pieces = [PUSHED[start : start + size] for start in range(0, len(PUSHED), size)]
    assert [push for piece in pieces for push in heard(reader, piece)] == [
        [b"subscribe", b"porch:0", 1],
        [b"message", b"porch:0", b"He\r\nllo"],
        [b"message", b"porch:0", b""],
        [b"unsubscribe", b"porch:0", 0],
    ]


def test_what_redis_refuses_and_what_nobody_expects_is_an_error() -> None:
    with pytest.raises(ResponseError, match="NOPERM"):
        list(heard(make_reader(), b"-NOPERM no such channel for you\r\n"))
    with pytest.raises(InvalidResponse):
        list(heard(make_reader(), b"x\r\n"))


def test_nobody_relies_on_what_was_heard_after_another_has_fallen_silent() -> None:
    now = [100.0]
    processes = Processes(clock=lambda: now[0])
    assert not processes.beat("a", 0)
    now[0] += 1
    assert not processes.beat("b", 0)
    assert processes.good_until() == 100 + SILENCE
    now[0] = 100 + LEASE
    assert processes.gone() == ["a"]
    assert processes.gone() == []
    assert processes.good_until() == 101 + SILENCE


def test_a_process_that_ends_before_its_first_beat_is_missed_too() -> None:
    now = [100.0]
    processes = Processes(clock=lambda: now[0])
    processes.meet("a")
    now[0] += LEASE
    assert processes.gone() == ["a"]


def test_a_process_that_has_said_goodbye_is_missed_no_more_whatever_comes_late() -> None:
    now = [100.0]
    processes = Processes(clock=lambda: now[0])
    processes.beat("a", 0)
    processes.part("a")
    processes.meet("a")
    assert not processes.beat("a", 1)
    assert processes.good_until() == math.inf
    now[0] += LEASE
    assert processes.gone() == []


def test_what_a_process_could_not_tell_is_known_with_its_next_beat() -> None:
    processes = Processes()
    assert [processes.beat("a", lost) for lost in (0, 0, 2, 2)] == [False, False, True, False]
    assert processes.beat("b", 1)
