"""What the processes of a site tell each other, by Redis' publish and subscribe.

One channel is heard by all of them, one each by a single process, and one for each chat by those that have
somebody there. Redis hands on what one process tells in the order in which it was told, over all channels.
"""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import gevent.socket
import hiredis
import msgspec
from redis.exceptions import ConnectionError, InvalidResponse, RedisError, ResponseError

from porch.engines.cluster.line import Line, Pause, connect_to, number_of
from porch.engines.cluster.nonsense import Nonsense
from porch.engines.cluster.processes import BEAT, SILENCE, Processes
from porch.engines.watching import READABLE

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Hear = Callable[[str, Any], None]
READ = 64 * 1024  # bytes at once


class Bus:
    """What is told is heard by the other processes, never by the one that told it. `line` carries it."""

    def __init__(self, url: str, line: Line) -> None:
        self.process = secrets.token_hex(4)
        self.processes = Processes()
        self.nonsense = Nonsense()
        self._url = url
        self._line = line
        self._own = self.process.encode() + b" "
        prefix = f"porch:{number_of(url)}"
        self._everybody = f"{prefix}:site"
        self._only = f"{prefix}:process:"
        self._chat = f"{prefix}:chat:".encode()
        self._topics: dict[bytes, Hear] = {}
        self._chat_heard: Callable[[int, list[bytes]], None] = lambda _chat_id, _told: None
        self._chat_joined: Callable[[int], None] = lambda _chat_id: None
        self._joined: list[Callable[[], None]] = []
        self._gone: list[Callable[[str], None]] = []
        self._lost: list[Callable[[str | None], None]] = []
        self._chats: dict[int, None] = {}  # those that are listened to
        self._sending = threading.Lock()
        self._connection: Any = None  # while what is published is heard
        self._heard_at = 0.0  # when something came last over it
        self._good_until = 0.0
        self._stopping = False

    @property
    def healthy(self) -> bool:
        """Whether this process can rely on hearing what the others tell: it has heard itself within the last
        seconds, and all of them.
        """
        return time.monotonic() < self._good_until

    def on(self, topic: str, hear: Hear) -> None:
        """Call `hear(process, payload)` with what others tell under this topic."""
        self._topics[topic.encode()] = hear

    def on_chats(self, *, heard: Callable[[int, list[bytes]], None], joined: Callable[[int], None]) -> None:
        """Call `heard` with the lines that others tell a chat that is listened to, `joined` once it is."""
        self._chat_heard, self._chat_joined = heard, joined

    def when_joined(self, call: Callable[[], None]) -> None:
        """Call this whenever the others are heard from now on, and were not before."""
        self._joined.append(call)

    def when_gone(self, call: Callable[[str], None]) -> None:
        """Call this with a process that has ended, or cannot be heard any more."""
        self._gone.append(call)

    def when_lost(self, call: Callable[[str | None], None]) -> None:
        """Call this when something may not have been heard here that a process has told, or any of them."""
        self._lost.append(call)

    def tell(self, topic: str, payload: Any, *, to: str | None = None) -> None:
        """Tell all others, or one process alone."""
        channel = self._everybody if to is None else self._only + to
        self._line.publish(channel.encode(), b"%b %b" % (topic.encode(), _encode(payload)), head=self._own)

    def tell_chat(self, chat_id: int, line: bytes) -> None:
        """Tell those who listen to a chat; lines that are told one after another may come together."""
        self._line.publish(b"%b%d" % (self._chat, chat_id), line, head=self._own, lines=True)

    def listen(self, chat_id: int) -> None:
        """Hear what is told to a chat; soon, which `joined` says."""
        if chat_id not in self._chats:
            self._chats[chat_id] = None
            self._subscribe("SUBSCRIBE", chat_id)

    def ignore(self, chat_id: int) -> None:
        """Hear of a chat no more."""
        self._chats.pop(chat_id, None)
        self._subscribe("UNSUBSCRIBE", chat_id)

    def listened(self) -> list[int]:
        """The chats that are listened to."""
        return list(self._chats)

    def start(self) -> None:
        for run in (self._listen, self._beat):
            threading.Thread(target=run, name="porch-bus", daemon=True).start()

    def stop(self) -> None:
        """Say goodbye. The process hears it itself, and listens no more."""
        self._stopping = True
        self.tell("bye", None)

    def _subscribe(self, command: str, *chat_ids: int) -> None:
        channels = (b"%b%d" % (self._chat, chat_id) for chat_id in chat_ids)
        with self._sending:
            if self._connection is not None:
                try:
                    self._connection.send_command(command, *channels, check_health=False)
                except (RedisError, OSError):  # whoever reads finds it closed, and begins anew
                    self._connection = None  # it would connect again by itself, and nobody would read it

    def _beat_once(self) -> None:
        if self._line.is_up:
            self.tell("beat", self._line.lost)

    def _beat(self) -> None:
        while not self._stopping:
            try:
                self._beat_once()
                for process in self.processes.gone():
                    log.warning("The process %s has fallen silent.", process)
                    self._has_gone(process)
                self._end_silence()
            except Exception:  # without a beat the others would give this process up
                log.exception("something is wrong with the processes of this site")
            time.sleep(BEAT)

    def _end_silence(self) -> None:
        """Part with a connection that does not even bring the beats of this process. A time limit for each
        `recv` would do the same, and cost a fifth of what it takes to hear something.
        """
        connection = self._connection
        if connection is None or time.monotonic() <= self._heard_at + SILENCE:
            return
        sock = connection._sock
        if sock is not None:  # else it is parted with already
            with suppress(OSError):  # below TLS, by which the listening thread is reading
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    # What follows runs on the thread that listens.

    def _listen(self) -> None:
        pause = Pause()
        while not self._stopping:
            if not self._line.wait_up(BEAT):  # what is to be told when others are heard would get lost
                continue
            connection = connect_to(self._url, answers_in=SILENCE)  # it hears its own beat
            try:
                connection.connect()
                connection.send_command("SUBSCRIBE", self._everybody, self._only + self.process)
                with closing(Ear(connection._sock)) as ear:
                    self._hear_all(connection, ear, pause)
            except (RedisError, OSError) as error:
                if not self._stopping:
                    pause.note(error)
            except Exception as error:  # else this process would be deaf for ever
                log.exception("what other processes tell could not be listened to")
                pause.note(error)
            finally:
                self._good_until = 0.0
                with self._sending:
                    self._connection = None
                connection.disconnect()
            if not self._stopping:
                pause.wait()

    def _hear_all(self, connection: Any, ear: Ear, pause: Pause) -> None:
        reader = make_reader()
        while not self._stopping:
            came = ear.receive()
            self._heard_at = time.monotonic()
            for kind, channel, told in heard(reader, came):
                if kind == b"message":
                    self._hear(channel, told)
                elif kind == b"subscribe":
                    self._subscribed(connection, ear, channel)
                    pause.reset()

    def _subscribed(self, connection: Any, ear: Ear, channel: bytes) -> None:
        if channel.startswith(self._chat):
            self._chat_joined(int(channel.removeprefix(self._chat)))
        elif channel.startswith(self._only.encode()):  # the second of the two that come first
            ear.be_patient()  # `_end_silence` looks at the clock
            with self._sending:
                self._connection = connection
            if chats := self.listened():
                self._subscribe("SUBSCRIBE", *chats)
            self._beat_once()
            self._has_lost(None)
            for call in self._joined:
                call()

    def _hear(self, channel: bytes, told: bytes) -> None:
        if told.startswith(self._own):
            if told.startswith(b"beat ", len(self._own)):
                self._good_until = min(time.monotonic() + SILENCE, self.processes.good_until())
            return
        process, _, said = told.partition(b" ")
        try:
            if channel.startswith(self._chat):
                self._chat_heard(int(channel.removeprefix(self._chat)), said.split(b"\n"))
            else:
                topic, _, payload = said.partition(b" ")
                self._hear_topic(process.decode(), topic, _decode(payload))
        except Exception as error:  # noqa: BLE001  # the next is somebody else's; what was missed comes later
            self.nonsense.note(error)

    def _hear_topic(self, process: str, topic: bytes, payload: Any) -> None:
        if topic == b"beat":
            if self.processes.beat(process, payload):
                self._has_lost(process)
        elif topic == b"bye":
            self.processes.part(process)
            self._has_gone(process)
        elif topic in self._topics:
            self.processes.meet(process)
            self._topics[topic](process, payload)

    def _has_gone(self, process: str) -> None:
        for call in self._gone:
            call(process)

    def _has_lost(self, process: str | None) -> None:
        for call in self._lost:
            call(process)


def make_reader() -> hiredis.Reader:
    return hiredis.Reader(protocolError=InvalidResponse, replyError=ResponseError)


def heard(reader: hiredis.Reader, came: bytes) -> Iterator[Any]:
    """What is complete with these bytes: `message`, `subscribe` or `unsubscribe`, channel, what was told.
    Raises RedisError where Redis refuses something, or does not speak as it does.
    """
    reader.feed(came)
    while (push := reader.gets()) is not False:
        if isinstance(push, ResponseError):
            raise push
        yield push


class Ear:
    """Reads what comes over a socket; redis-py reads answers only, one after another.

    A patient one waits for a socket of gevent's by a watcher that it keeps. `recv` would look in vain first.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._watcher: Any = None

    def be_patient(self) -> None:
        """From now on wait without a time limit."""
        self._sock.settimeout(None)
        if isinstance(self._sock, gevent.socket.socket):
            self._watcher = gevent.get_hub().loop.io(self._sock.fileno(), READABLE)

    def receive(self) -> bytes:
        """Wait for something. Raises RedisError or OSError."""
        if self._sock.fileno() < 0:  # a watcher would watch whatever has its number now
            raise ConnectionError("the connection is closed")
        if self._watcher is not None:
            gevent.get_hub().wait(self._watcher)
        came: bytes = self._sock.recv(READ)
        if not came:
            raise ConnectionError("Redis has closed the connection")
        return came

    def close(self) -> None:
        """Watch no more: the socket is about to be closed."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
