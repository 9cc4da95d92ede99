"""What it costs to deliver a message to everybody in a room, with one process and with two that Redis joins.

Microseconds of CPU time by the kernel's accounting for each delivery: of all processes of Porch together, and
of Redis. Half of the receivers are at each process. Both ways run side by side and take turns in rounds;
medians of the rounds are shown. Nothing is stored: what is said goes by delivery, as a message does that was
stored. `a second` is what one core delivers by that. Fails when two cost more than 1.2 times what one does.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.fan.processes import Generator, Process, Server, Spent  # noqa: E402  # as above
from bench.fan.rounds import PATTERNS, WARM, say  # noqa: E402
from bench.fan.ways import MESSAGE, Porch, Script, event, free_port, joining, wait_for  # noqa: E402

SIZES = (100, 1_000, 5_000)
MOST = 1.2  # times what one process takes


class One(Porch):
    """A single process, without Redis."""

    name = "one process"
    say = event("tell", MESSAGE)

    def receiving(self, number: int) -> Script:
        return joining(self.connecting(number), event("sit", {}, "0"))

    def servers(self) -> list[Server]:
        return [self.server]

    @contextmanager
    def spending(self) -> Iterator[tuple[Spent, Spent]]:
        """What Porch and what Redis takes inside."""
        with self.server.spending() as spent:
            yield spent, Spent()


class Two(One):
    name = "two, by Redis"

    def start(self) -> Server:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            sys.exit("redis-server is not here (Debian and Ubuntu: apt install redis-server).")
        port = free_port()
        options = f"--port {port} --bind 127.0.0.1 --loglevel warning --save".split()
        self.redis = Server([program, *options, ""], port=port)
        wait_for(port)
        self._redis_url = f"redis://127.0.0.1:{port}"
        server = super().start()
        self.other = self.process()
        return server

    def process(self, **more: str) -> Server:
        return super().process(**more, redis_url=self._redis_url)

    def servers(self) -> list[Server]:
        return [self.server, self.other, self.redis]

    @property
    def ports(self) -> list[int]:
        return [self.server.port, self.other.port]

    @contextmanager
    def spending(self) -> Iterator[tuple[Spent, Spent]]:
        porch = Spent()
        with self.redis.spending() as redis, self.server.spending() as one, self.other.spending() as two:
            yield porch, redis
        porch.seconds = one.seconds + two.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="receivers at most; 5,000 if not given")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each way; 5 if not given")
    parser.add_argument("--first", action="store_true", help="go before other programs (needs root)")
    arguments = parser.parse_args()
    Process.first = arguments.first
    print(f"{'':34}{'one process':>14}{'two':>10}{'Redis':>10}{'ratio':>8}{'a second':>12}")
    missed = []
    for size in [size for size in SIZES if size <= arguments.most]:
        with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
            missed += measure(size, arguments.rounds, Path(folder))
    if missed:
        sys.exit(f"Missed, more than {MOST} times one process: {'; '.join(missed)}.")


def measure(size: int, rounds: int, folder: Path) -> list[str]:
    """Print a line for each pattern of sending; returns the patterns in which two cost too much."""
    costs: defaultdict[tuple[str, str], list[float]] = defaultdict(list)  # by way, or Redis, and pattern
    with ExitStack() as stack:
        running: list[tuple[One, Generator]] = []
        for kind in (One, Two):
            way = kind(folder / kind.__name__)
            for server in way.servers():
                stack.enter_context(server)
            running.append((way, stack.enter_context(Generator(way.room(size)))))
        for turn in range(rounds + 1):
            for name, pattern in PATTERNS.items():
                messages = pattern.messages[size] if turn else max(1, pattern.messages[size] // WARM)
                for way, generator in running:
                    with way.spending() as (porch, redis):
                        say(way, generator, pattern, messages, size)
                    if turn:
                        costs[way.name, name].append(porch.seconds / (messages * size) * 1e6)
                        if isinstance(way, Two):
                            costs["Redis", name].append(redis.seconds / (messages * size) * 1e6)
    missed = []
    for name in PATTERNS:
        one, two = costs[One.name, name], costs[Two.name, name]
        ratio = statistics.median(ours / single for ours, single in zip(two, one, strict=True))
        single, both, carried = (statistics.median(each) for each in (one, two, costs["Redis", name]))
        what = f"{size:,} receivers, {name}"
        print(f"{what:34}{single:14.2f}{both:10.2f}{carried:10.2f}{ratio:8.2f}{1e6 / both:12,.0f}")
        if ratio > MOST:
            missed.append(what)
    return missed


if __name__ == "__main__":
    main()
