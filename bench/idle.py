"""What connections cost on which nothing happens: many people who have signed in and wait.

One server, and a generator that only answers pings. Prints the memory of a connection, the share of a core
that pings and heartbeats take, and what that makes for 100,000.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.fan.processes import Generator, Process  # noqa: E402  # the path had to come first
from bench.fan.ways import Porch  # noqa: E402

MANY = 100_000
SPARE = 500  # files that a server needs for other things than connections


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=15_000, help="15,000 if not given")
    parser.add_argument("--seconds", type=float, default=30.0, help="for which CPU time is counted; 30")
    parser.add_argument("--first", action="store_true", help="go before other programs, half of the time")
    arguments = parser.parse_args()
    Process.first = arguments.first
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if arguments.connections + SPARE > most:
        sys.exit(f"A process may have {most:,} files open here; ask for {most - SPARE:,} connections.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
        way = Porch(Path(folder) / "porch")
        with way.server:
            try:
                measure(way, arguments.connections, arguments.seconds)
            except RuntimeError as error:
                sys.exit(f"The server did not hold {arguments.connections:,} connections: {error}")


def measure(way: Porch, connections: int, seconds: float) -> None:
    with Generator(way.plan([way.connecting(number) for number in range(50)], [])):
        pass  # what is allocated once is no connection's
    way.server.settle()
    empty = way.server.memory()
    with way.server.spending() as connecting:
        generator = Generator(way.plan([way.connecting(number) for number in range(connections)], []))
    with generator:
        time.sleep(5)
        memory = way.server.memory()
        with way.server.spending() as resting:
            generator.rest(seconds=seconds)
        share = resting.seconds / seconds
    each = (memory - empty) / connections
    print(f"{connections:,} connections: {memory / 1e6:,.0f} MB, of which {empty / 1e6:,.0f} without any")
    print(f"a connection: {each / 1000:.1f} KB; {connecting.seconds / connections * 1e6:.0f} us to connect")
    print(f"at rest: {share:.1%} of a core, {share / connections * 1e6:.1f} us a connection each second")
    whole = (empty + each * MANY) / 1e9
    print(f"{MANY:,} would be {whole:.2f} GB and {share / connections * MANY:.0%} of a core")


if __name__ == "__main__":
    main()
