"""What is sent to rooms and to clients arrives whole and in order, whatever mixes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wsproto.frame_protocol import CloseReason

from porch.realtime import fanout
from porch.realtime.backlog import MOST_BYTES, MOST_EVENTS
from porch.realtime.engine import EngineServer
from porch.realtime.frames import close_frame
from porch.realtime.probe import Probe
from tests.support.wires import Peer, engine

PEERS, ROOMS = 4, 3
MOST_TURNS = 10_000  # of the event loop, until everything has left
sizes = st.sampled_from([1, 30, 200, 5_000, 20_000])
steps = st.one_of(
    st.tuples(st.just("room"), st.integers(0, ROOMS - 1), sizes),
    st.tuples(st.just("room"), st.integers(0, ROOMS - 1), sizes),
    st.tuples(st.just("say"), st.integers(0, PEERS - 1), sizes),
    st.tuples(st.just("read"), st.integers(0, PEERS - 1), sizes),
    st.tuples(st.just("poll"), st.integers(0, PEERS - 1)),
    st.tuples(st.just("upgrade"), st.integers(0, PEERS - 1)),
    st.tuples(st.just("move"), st.integers(0, ROOMS - 1), st.integers(0, PEERS - 1)),
    st.just(("turn",)),
)


def let_all_leave(server: Any) -> None:
    for _ in range(MOST_TURNS):
        gevent.sleep(0.0001)
        if not server.fanout._batches:
            return
    raise AssertionError("it never ends")


class Mixing:
    """Does the steps, and keeps beside what each client has to receive."""

    def __init__(self) -> None:
        self.server: Any = engine()
        self.peers = [Peer(self.server, f"sid{number}") for number in range(PEERS)]
        self.rooms: list[dict[str, Any]] = [
            {peer.client.sid: peer.client for peer in self.peers[room % 2 :]} for room in range(ROOMS)
        ]
        self.expected: dict[str, list[str]] = {peer.client.sid: [] for peer in self.peers}
        self.said = 0

    def do(self, step: tuple[Any, ...]) -> None:
        name, *arguments = step
        getattr(self, f"_{name}")(*arguments)

    def _room(self, room: int, size: int) -> None:
        text = self._text(size)
        for sid in self.rooms[room]:
            self.expected[sid].append(text)
        self.server.fanout.send(room, self.rooms[room], text)

    def _say(self, peer: int, size: int) -> None:
        text = self._text(size)
        client = self.peers[peer].client
        self.expected[client.sid].append(text)
        client.say(text)

    def _read(self, peer: int, size: int) -> None:
        self.peers[peer].read(size)

    def _poll(self, peer: int) -> None:
        self.peers[peer].poll()

    def _upgrade(self, peer: int) -> None:
        if not self.peers[peer].client.upgraded:
            self.peers[peer].upgrade()

    def _move(self, room: int, peer: int) -> None:
        client = self.peers[peer].client
        self.server.fanout.seal(room)  # as the manager does
        if self.rooms[room].pop(client.sid, None) is None:
            self.rooms[room][client.sid] = client

    def _turn(self) -> None:
        gevent.sleep(0)

    def finish(self) -> None:
        let_all_leave(self.server)
        for peer in self.peers:
            peer.poll()
            peer.read_all()
            peer.hang_up()
        assert {peer.client.sid: peer.received for peer in self.peers} == self.expected

    def _text(self, size: int) -> str:
        self.said += 1
        return f"4{self.said} ".ljust(size, "x")


@given(st.lists(steps, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_client_gets_everything_in_order(schedule: list[tuple[Any, ...]]) -> None:
    mixing = Mixing()
    for step in schedule:
        mixing.do(step)
    mixing.finish()


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every broadcast take several turns of the event loop."""
    monkeypatch.setattr(fanout, "SLICE", 0.0)
    monkeypatch.setattr(fanout, "STEP", 1)


@given(schedule=st.lists(steps, max_size=40))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_a_broadcast_that_takes_several_turns_overtakes_nothing(
    slices: None, schedule: list[tuple[Any, ...]]
) -> None:
    mixing = Mixing()
    for step in schedule:
        mixing.do(step)
    mixing.finish()


@pytest.fixture
def server() -> Any:
    return engine()


@pytest.fixture
def peers(server: EngineServer) -> Iterator[list[Peer]]:
    """Two clients with a WebSocket each."""
    made = [Peer(server, sid) for sid in ("slow", "quick")]
    for peer in made:
        peer.upgrade()
    yield made
    for peer in made:
        peer.hang_up()


def send(server: EngineServer, peers: list[Peer], text: str) -> None:
    server.fanout.send("room", {peer.client.sid: peer.client for peer in peers}, text)


def spied(peer: Peer) -> list[bytes]:
    """What is written to a client from now on, each write by itself."""
    written = []
    push = peer.client.wire.push

    def spy(frames: bytes) -> int:
        written.append(frames)
        return push(frames)

    peer.client.wire.push = spy
    return written


def test_the_events_of_one_turn_are_one_write(server: Any, peers: list[Peer]) -> None:
    quick = peers[1]
    written = spied(quick)
    for number in range(8):
        send(server, peers, f"4{number}")
    let_all_leave(server)
    quick.read_all()
    assert len(written) == 1
    assert quick.received == [f"4{number}" for number in range(8)]


def test_what_is_said_while_a_large_room_is_served_leaves_together(server: Any, slices: None) -> None:
    crowd = [Peer(server, f"sid{number}") for number in range(50)]
    for peer in crowd:
        peer.upgrade()
    written = {peer.client.sid: spied(peer) for peer in crowd}
    for number in range(5):
        send(server, crowd, f"4{number}")
        gevent.sleep(0)
    let_all_leave(server)
    for peer in crowd:
        peer.read_all()
        assert peer.received == [f"4{number}" for number in range(5)]
        assert len(written[peer.client.sid]) == 2  # the first by itself
        peer.hang_up()


def test_somebody_who_is_answered_meanwhile_does_not_part_what_leaves_together(
    server: Any, peers: list[Peer]
) -> None:
    speaker, listener = peers
    written = [spied(peer) for peer in peers]
    send(server, peers, "41")
    speaker.client.say("4one")
    assert len(written[0]) == 1  # at once, both together
    send(server, peers, "42")
    send(server, peers, "43")
    speaker.client.say("4three")
    send(server, peers, "44")
    let_all_leave(server)
    for peer in peers:
        peer.read_all()
    assert speaker.received == ["41", "4one", "42", "43", "4three", "44"]
    assert listener.received == ["41", "42", "43", "44"]
    assert [len(writes) for writes in written] == [3, 1]


@pytest.mark.parametrize(("many", "pause"), [(3, "PAUSE"), (2, "LONG_PAUSE")], ids=["few", "many"])
def test_several_together_wait_for_more_and_so_do_the_next(
    server: Any, peers: list[Peer], monkeypatch: pytest.MonkeyPatch, many: int, pause: str
) -> None:
    monkeypatch.setattr(fanout, "MANY", many)
    written = spied(peers[1])
    for number in range(3):
        send(server, peers, f"4{number}")
        gevent.sleep(0)
    assert len(written) == 3  # one alone is no sign of more
    for number in range(3, 5):
        send(server, peers, f"4{number}")
    gevent.sleep(0)
    send(server, peers, "45")
    assert len(written) == 3
    assert server.fanout._pause == getattr(fanout, pause)
    server.fanout._pause = 60.0  # after these
    let_all_leave(server)
    assert len(written) == 4
    for number in range(6, 9):
        send(server, peers, f"4{number}")
        gevent.sleep(0)
    assert len(written) == 4
    peers[1].client.say("4answer")  # which waits for nobody
    peers[1].read_all()
    assert peers[1].received == [*(f"4{number}" for number in range(9)), "4answer"]


def test_what_waits_for_more_holds_what_else_is_to_leave(server: Any, peers: list[Peer]) -> None:
    here, there = peers
    written = [spied(peer) for peer in peers]
    server.fanout.send("another room", {there.client.sid: there.client}, "4there")
    for number in range(2):
        send(server, [here], f"4{number}")
    gevent.sleep(0)
    assert written == [[], []]
    let_all_leave(server)
    assert [len(writes) for writes in written] == [1, 1]


def test_a_client_that_cannot_be_served_keeps_nobody_from_hearing(
    server: Any, peers: list[Peer], caplog: pytest.LogCaptureFixture
) -> None:
    broken, quick = peers

    def fail(_: bytes) -> int:
        raise KeyError("so")

    broken.client.wire.push = fail
    for number in range(2):
        send(server, peers, f"4{number}")
        let_all_leave(server)
    quick.read_all()
    assert quick.received == ["40", "41"]
    assert [record.message for record in caplog.records] == ["a client could not be served"] * 2


def test_a_large_room_leaves_the_event_loop_to_others(server: Any, slices: None) -> None:
    crowd = [Peer(server, f"sid{number}") for number in range(50)]
    send(server, crowd, "4hello")
    served = [0]
    while served[-1] < len(crowd):
        gevent.sleep(0.0001)  # one turn of the loop, or few
        for peer in crowd:
            peer.poll()
        served.append(sum(len(peer.received) for peer in crowd))
        assert len(served) < MOST_TURNS
    assert len(set(served)) > 2  # others had their turns in between


@pytest.mark.parametrize(
    ("size", "count", "at_once"),
    [(MOST_BYTES // 8, 12, 1), (10, MOST_EVENTS + 1000, 100)],
    ids=["bytes", "events"],
)
def test_a_slow_reader_is_cut_off_and_costs_others_nothing(
    server: Any, peers: list[Peer], size: int, count: int, at_once: int
) -> None:
    slow, quick = peers
    for number in range(count):
        send(server, peers, f"4{number} ".ljust(size, "x"))
        gevent.sleep(0)  # each by itself
        if (number + 1) % at_once == 0:
            quick.read_all()
    quick.read_all()
    assert len(quick.received) == count
    assert server.gone == [("slow", server.reason.TRANSPORT_ERROR)]
    slow.read_all()
    assert slow.received == quick.received[: len(slow.received)]  # what arrives is whole and in order
    assert len(slow.received) < count
    assert slow.closed_with is not None
    assert slow.closed_with.code == CloseReason.TRY_AGAIN_LATER
    assert "slow" not in server.sockets


def test_whoever_does_not_poll_is_cut_off_too(server: Any) -> None:
    peer = Peer(server, "silent")
    for number in range(MOST_EVENTS + 1):
        peer.client.say(f"4{number}")
    gevent.sleep(0)
    assert server.gone == [("silent", server.reason.TRANSPORT_ERROR)]
    assert "silent" not in server.sockets


def test_nothing_follows_a_close_frame(server: Any, peers: list[Peer]) -> None:
    quick = peers[1]
    quick.client.wire.close(close_frame(CloseReason.POLICY_VIOLATION, "enough"), lingers=True)
    send(server, peers, "41")
    let_all_leave(server)
    assert quick.connection is not None
    came = quick.connection.recv(65536)
    assert came == close_frame(CloseReason.POLICY_VIOLATION, "enough")


def test_what_cannot_be_encoded_ends_nobody_elses_delivery(server: Any, peers: list[Peer]) -> None:
    send(server, peers, "4\ud800")
    let_all_leave(server)
    send(server, peers, "4after")
    let_all_leave(server)
    for peer in peers:
        peer.read_all()
        assert peer.received == ["4after"]


def test_a_client_that_goes_while_it_upgrades_leaves_nothing(server: Any) -> None:
    client = Peer(server, "going").client
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    probe = Probe(client, ours)
    client.probe = probe
    theirs.close()
    probe.begin(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    probe.give_up()
    assert client.probe is None
    assert ours.fileno() < 0
