"""What processes tell each other by Redis. A process is one object here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from redis.exceptions import InvalidResponse, ResponseError

from porch.engines.cluster.activity import SharedActivity
from porch.engines.cluster.bus import heard, make_reader
from porch.engines.cluster.nonsense import Nonsense
from porch.engines.cluster.processes import LEASE, SILENCE, Processes
from porch.engines.cluster.tidings import Tidings
from porch.events import Event, head, message, read, typing
from tests.support.processes import Process, Turns, a_message, is_heard, starting
from tests.support.redis import Redis
from tests.support.waiting import eventually


@pytest.fixture
def start(redis: Redis) -> Iterator[Callable[..., Process]]:
    yield from starting(redis)


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


def test_what_cannot_be_used_does_not_fill_the_log(
    start: Callable[..., Process], caplog: pytest.LogCaptureFixture
) -> None:
    one, two = start(), start()
    two.delivery.listen(7)
    eventually(lambda: is_heard(one, two, 7))
    for _ in range(20):
        one.bus.tell_chat(7, b"\n".join(NONSENSE))
        one.bus.tell("event", "no event")
    one.bus.tell_chat(7, b'head 0 "after"')
    eventually(lambda: two.sockets.relayed[-1][1] == '"after"')
    assert len(caplog.records) == 1


def test_how_often_something_could_not_be_used_is_said_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    moments = iter((0.0, 1.0, 59.0, 61.0, 120.0, 121.0))
    nonsense = Nonsense(clock=lambda: next(moments))
    for _ in range(6):
        nonsense.note(ValueError("no line"))
    assert [record.args for record in caplog.records] == [(1,), (3,), (2,)]


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
