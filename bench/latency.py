"""How long a message takes from one node to another, while so many a second are said.

Two processes of one site, joined by PostgreSQL, which flushes each commit, and Redis. People talk in pairs,
one at each node. A message counts from when its sender's client gives it away until the other's client has
it: stored, told by Redis, delivered. All clients share one process, whose own delays count too. Milliseconds,
of all messages after the first seconds. Fails when of a hundred messages one takes longer than the goal.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import postgres  # noqa: E402  # the path had to come first
from tests.support.fresh import make_template  # noqa: E402
from tests.support.people import Guest, Json, Socket  # noqa: E402
from tests.support.redis import Redis  # noqa: E402
from tests.support.server import Server  # noqa: E402

GOAL = 50.0  # milliseconds, of 99 in a hundred
WARM = 3.0  # seconds that are not counted
OFF: dict[str, Any] = {f"{name}_rate": "off" for name in "message event sign_in room visit".split()}


class Pair:
    """Two people in a room, each at a node of their own; `took` is in seconds."""

    def __init__(self, stack: ExitStack, nodes: tuple[str, str]) -> None:
        self.people = [Guest.sign_in(node) for node in nodes]
        self.chat = self.people[0].open_chat()
        self.people[1].join(self.chat)
        self.sockets = [stack.enter_context(person.socket()) for person in self.people]
        self.took: list[tuple[float, float]] = []  # when a message was heard, and after how long
        for person, socket in zip(self.people, self.sockets, strict=True):
            socket.client.on("message", self._hear(person.user_id))
            socket.enter(self.chat)

    def say(self, socket: Socket) -> None:
        body = {"chat_id": self.chat["id"], "content": str(time.perf_counter())}
        socket.client.emit("send", body | {"client_id": str(uuid.uuid4())}, callback=lambda answer: None)

    def _hear(self, own: int) -> object:
        def hear(message: Json) -> None:
            now = time.perf_counter()
            if message["user_id"] != own:
                self.took.append((now, now - float(message["content"])))

        return hear


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rate", type=int, default=500, help="messages a second; 500 if not given")
    parser.add_argument("--pairs", type=int, default=10, help="rooms of two; 10 if not given")
    parser.add_argument("--seconds", type=float, default=20.0, help="20 if not given")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        stack.enter_context(postgres.running(durable=True))
        make_template()
        redis = stack.enter_context(Redis())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        options = OFF | {"redis_url": redis.site()}
        one, two = (stack.enter_context(Server(folder / "data", **options)) for _ in range(2))
        took = talk(stack, (one.url, two.url), arguments)
    per_second = len(took) / (arguments.seconds - WARM)
    cuts = statistics.quantiles(took, n=100)
    print(f"{per_second:.0f} messages a second from node to node, milliseconds:")
    print(f"  median {cuts[49]:.1f}   95 % {cuts[94]:.1f}   99 % {cuts[98]:.1f}   longest {max(took):.1f}")
    if cuts[98] > GOAL:
        sys.exit(f"The goal is {GOAL:.0f} ms for 99 of a hundred.")


def talk(stack: ExitStack, nodes: tuple[str, str], arguments: argparse.Namespace) -> list[float]:
    """What each message took, in milliseconds."""
    pairs = [Pair(stack, nodes) for _ in range(arguments.pairs)]
    speaking = [(pair, socket) for pair in pairs for socket in pair.sockets]
    pause = len(speaking) / arguments.rate
    began = time.perf_counter()
    over = began + arguments.seconds

    def speak(pair: Pair, socket: Socket, first: float) -> None:
        due = began + first
        while due < over:
            time.sleep(max(0.0, due - time.perf_counter()))
            pair.say(socket)
            due += pause

    threads = [
        threading.Thread(target=speak, args=(pair, socket, number * pause / len(speaking)))
        for number, (pair, socket) in enumerate(speaking)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(1)
    return [seconds * 1000 for pair in pairs for at, seconds in pair.took if at - began > WARM]


if __name__ == "__main__":
    main()
