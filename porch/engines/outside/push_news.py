"""Tells people who are not looking of new messages, by push: gathers them, waits a moment, and sends.

Whoever reads within that moment, on any device, is not told.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from porch.engines.live.notices import MOST_OF_ONE
from porch.engines.outside.push import Push, Subscription
from porch.events import Event

log = logging.getLogger(__name__)

DELAY = 3.0  # seconds from the first message of a chat until somebody is told
# Chats that wait at once. What is over is not told: it waits in its chat.
MOST_CHATS = 1000
MOST_WAITING = 10_000  # sendings
WORKERS = 4


class Sending(NamedTuple):
    to: Subscription
    notice: Mapping[str, Any]


class PushNews:
    """`read` finds whom these new messages are to be told, and where; `ended` takes the id of a subscription
    that is over.
    """

    def __init__(
        self,
        push: Push,
        *,
        read: Callable[[Sequence[Mapping[str, Any]]], Iterable[Sending]],
        ended: Callable[[int], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._push = push
        self._read = read
        self._ended = ended
        self._clock = clock
        self._lock = threading.Lock()
        self._new: dict[int, tuple[float, deque[Mapping[str, Any]]]] = {}  # by chat: when it is due, and what
        self._waiting: queue.Queue[Sending] = queue.Queue(MOST_WAITING)

    def observe(self, event: Event) -> None:
        if not event.is_new_message:
            return
        message = event.payload
        chat_id = message["chat_id"]
        with self._lock:
            if chat_id not in self._new:
                if len(self._new) >= MOST_CHATS:
                    return
                self._new[chat_id] = (self._clock() + DELAY, deque(maxlen=MOST_OF_ONE))
            self._new[chat_id][1].append(message)

    def tick(self) -> None:
        """Hand on what is due."""
        now = self._clock()
        with self._lock:
            due = [chat_id for chat_id, (at, _) in self._new.items() if at <= now]
            messages = [message for chat_id in due for message in self._new.pop(chat_id)[1]]
        if not messages:
            return
        try:
            for sending in self._read(messages):
                self._waiting.put_nowait(sending)
        except queue.Full:
            log.warning("More waits to be pushed than %d; the rest is not told.", MOST_WAITING)

    def work(self) -> None:
        """Send what waits, one after another, for ever."""
        while True:
            self._send(self._waiting.get())

    def _send(self, sending: Sending) -> None:
        to, notice = sending
        urgent = bool(notice["called"]) or notice["kind"] == "direct"
        try:
            if not self._push.send(to, notice, urgent=urgent, topic=f"chat-{notice['chat_id']}"):
                self._ended(to.id)
        except Exception:  # the next one may go well
            log.exception("a push could not be sent")
