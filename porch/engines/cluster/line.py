"""Commands to Redis over one connection: those that come together travel together.

Nobody waits for a Redis that is away: whoever asks is told so, and what was only told is counted as lost. To
what is published Redis answers nothing: whether it got there is known by hearing it. So it is sent where the
event loop has just got to, as long as nothing stands before it and the kernel takes it; the rest is for the
thread of the line, which may wait.
"""

from __future__ import annotations

import hashlib
import logging
import random
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

from redis.connection import Connection, parse_url
from redis.exceptions import InvalidResponse, RedisError, ResponseError

from porch.engines.writing.bridge import Bridge, Pending

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds that somebody waits for an answer
ANSWERING, CONNECTING = 3.0, 2.0  # and seconds that a connection is given to answer, and to open
AT_ONCE = 500  # commands that are sent before the first answer is read
MOST_TOGETHER = 32 * 1024  # bytes of lines that are published as one
# Bytes that are sent without waiting. What TLS has begun to send has to be offered again with no less behind
# it, and gevent offers 1 MB at a time.
MOST_PUSHED = 256 * 1024
MOST_WAITING = 20_000  # commands; with more Redis is too slow, which is as good as away
# Has Redis not answer the next command; and a command with its channel and its content.
UNANSWERED = b"*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$4\r\nSKIP\r\n"
PUBLISH = UNANSWERED + b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n"
# Seconds until a lost connection is tried again, at first and at most; each time something between half of it
# and one and a half, so that the processes of a site do not come back all at once.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0


class Unreachable(Exception):
    """Redis could not be asked, or gave no answer."""


@dataclass(frozen=True, slots=True)
class _Command:
    words: tuple[Any, ...]
    pending: Pending | None  # None: nobody waits


class _Told(NamedTuple):
    """What is published, behind a head; what is told in `lines` goes together with the next that has the same
    channel and head.
    """

    channel: bytes
    head: bytes
    told: bytes
    lines: bool


class Line:
    """One connection to Redis, made again whenever it is lost. May be asked from any thread."""

    def __init__(self, url: str, bridge: Bridge) -> None:
        self._url = url
        self._bridge = bridge
        self._scripts: list[str] = []
        self._queue: deque[_Command | _Told | bytes] = deque()  # bytes: the rest of what was sent in part
        self._under_way: deque[_Command] = deque()
        self._wake = threading.Event()
        self._sending = threading.Lock()  # whoever holds it takes from the queue, and uses the connection
        self._connection: Any = None  # while it is up
        self._is_due = False  # whether `_send_told` will be called
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._up = threading.Event()
        self._published = False  # over this connection
        self.lost = 0  # how often something that was told did not get there

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    def wait_up(self, timeout: float) -> bool:
        """Wait for a connection, at most so many seconds; returns whether there is one."""
        return self._up.wait(timeout)

    def script(self, text: str) -> str:
        """Have Redis know a script; returns what EVALSHA calls it by. Before `start`."""
        self._scripts.append(text)
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="porch-redis", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Send what waits, and part."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def tell(self, *words: Any) -> None:
        """Have a command done whose answer nobody needs. Returns at once."""
        if not self._put(_Command(words, None)):
            self.lost += 1

    def publish(self, channel: bytes, told: bytes, *, head: bytes = b"", lines: bool = False) -> None:
        """Have something told to those who listen to a channel, behind a head. Returns at once. Told in
        `lines`, it may come to them together with what is told so right after, behind the same head.
        """
        if not self._put(_Told(channel, head, told, lines)):
            self.lost += 1

    def ask(self, *words: Any) -> Any:
        """The answer to a command, strings as bytes. Raises Unreachable."""
        pending = self._bridge.pending()
        if not self._put(_Command(words, pending)):
            raise Unreachable
        try:
            return pending.result(PATIENCE)
        except TimeoutError:
            raise Unreachable("no answer in time") from None

    def _put(self, command: _Command | _Told) -> bool:
        if not self.is_up or len(self._queue) >= MOST_WAITING:
            return False
        self._queue.append(command)
        if isinstance(command, _Command):
            self._wake.set()
        elif not self._is_due:
            self._is_due = True
            self._bridge.soon(self._send_told)
        return True

    def _send_told(self) -> None:
        """Send what is published, without waiting; what cannot be sent so is for the thread of this line."""
        self._is_due = False
        if self._sending.acquire(blocking=False):
            try:
                self._push()
            finally:
                self._sending.release()
        if self._queue:
            self._wake.set()

    def _push(self) -> None:
        packed = []
        while self._connection is not None and self._queue and isinstance(self._queue[0], _Told):
            packed.append(self._pack())
        if not packed:
            return
        data, wire = b"".join(packed), self._connection._sock
        wire.settimeout(0.0)
        try:
            sent = wire.send(data[:MOST_PUSHED])
        except OSError:  # there is no room, or it is broken, which the thread finds out by itself
            sent = 0
        finally:
            wire.settimeout(ANSWERING)
        if sent < len(data):
            self._queue.appendleft(data[sent:])

    # What follows runs on the thread of this line.

    def _run(self) -> None:
        pause = Pause()
        while not self._stopping:
            connection = connect_to(self._url, answers_in=ANSWERING)
            try:
                connection.connect()
                self._load(connection)
                _confirm_silence(connection)
                self._connection = connection
                self._up.set()
                pause.reset()
                self._serve(connection)
            except (RedisError, OSError) as error:
                pause.note(error)
            finally:
                self._up.clear()
                with self._sending:
                    self._connection = None
                    connection.disconnect()
                    self._give_up()
            if not self._stopping:
                pause.wait()

    def _load(self, connection: Any) -> None:
        for text in self._scripts:
            connection.send_command("SCRIPT", "LOAD", text)
            connection.read_response()

    def _serve(self, connection: Any) -> None:
        while not (self._stopping and not self._queue):
            self._wake.wait()
            self._wake.clear()
            with self._sending:
                self._send_all()

    def _send_all(self) -> None:
        while self._queue:
            packed: list[bytes] = []
            while self._queue and len(packed) < AT_ONCE:
                packed.append(self._pack())
            self._connection.send_packed_command([b"".join(packed)], check_health=False)
            while self._under_way:
                self._take_answer(self._connection)

    def _pack(self) -> bytes:
        """The next command as it is sent; it is under way then, or not known to have got there."""
        command = self._queue.popleft()
        if isinstance(command, _Command):
            self._under_way.append(command)
            return b"".join(self._connection.pack_command(*command.words))
        self._published = True
        return command if isinstance(command, bytes) else self._pack_told(command)

    def _pack_told(self, first: _Told) -> bytes:
        channel, head, told, lines = first
        if lines:
            together, size = [told], len(told)
            while self._queue and size < MOST_TOGETHER:
                then = self._queue[0]
                if not isinstance(then, _Told) or not then.lines or then[:2] != first[:2]:
                    break
                self._queue.popleft()
                together.append(then.told)
                size += len(then.told)
            told = b"\n".join(together)
        return PUBLISH % (len(channel), channel, len(head) + len(told), head + told)

    def _take_answer(self, connection: Any) -> None:
        try:
            answer = connection.read_response(disable_decoding=True)
        except ResponseError as error:  # out of memory, read-only, or scripts were flushed
            command = self._under_way.popleft()
            log.warning("Redis refused %s: %s", command.words[0], error)
            self._fail(command, str(error))
            if str(error).startswith("NOSCRIPT"):
                raise  # the next connection brings them along
        else:
            command = self._under_way.popleft()
            if command.pending is not None:
                command.pending.set_result(answer)

    def _give_up(self) -> None:
        """What waits is not done, or was done unseen."""
        if self._published:
            self._published = False
            self.lost += 1
        while self._under_way:
            self._fail(self._under_way.popleft(), "the connection was lost")
        while self._queue:  # one at a time: others may put in what they began to before it was known
            command = self._queue.popleft()
            if isinstance(command, _Command):
                self._fail(command, "the connection was lost")
            else:
                self.lost += 1

    def _fail(self, command: _Command, why: str) -> None:
        if command.pending is None:
            self.lost += 1
        else:
            command.pending.set_exception(Unreachable(why))


class Pause:
    """Between two attempts to connect; says once that Redis is away, and once that it is back."""

    def __init__(self) -> None:
        self._seconds = FIRST_PAUSE
        self._is_away = False

    def reset(self) -> None:
        self._seconds = FIRST_PAUSE
        if self._is_away:
            log.warning("Redis is back.")
        self._is_away = False

    def note(self, error: Exception) -> None:
        if not self._is_away:
            log.error("Redis cannot be reached, so this process goes on by itself: %s", error)
        self._is_away = True

    def wait(self) -> None:
        time.sleep(self._seconds * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
        self._seconds = min(2 * self._seconds, LONGEST_PAUSE)


def _confirm_silence(connection: Any) -> None:
    """Raises RedisError where Redis answers what it is told not to, because of its rules for users: each
    answer would be taken for that to another command.
    """
    connection.send_packed_command([UNANSWERED, *connection.pack_command("PING")], check_health=False)
    connection.send_command("ECHO", "heard", check_health=False)
    if connection.read_response(disable_decoding=True) != b"heard":
        raise InvalidResponse("CLIENT REPLY SKIP did nothing")


def connect_to(url: str, *, answers_in: float) -> Any:
    """A redis.connection.Connection, whose methods have no types. It is not open yet, and breaks when nothing
    comes for so many seconds while one reads.
    """
    options = _options(url)
    kind = options.pop("connection_class", Connection)
    return kind(
        **options | {"protocol": 2, "socket_timeout": answers_in, "socket_connect_timeout": CONNECTING}
    )


def number_of(url: str) -> int:
    """The number of the database that a URL names. Channels have none, so it is part of their names: two
    sites may share a server.
    """
    return int(_options(url).get("db", 0))


def _options(url: str) -> dict[str, Any]:
    options: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    return options
