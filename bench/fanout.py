"""What it costs to deliver a message to everybody in a room, beside what others take for the same.

Microseconds of CPU time of the server, by the kernel's accounting, for each delivery. All ways run side by
side, take turns in rounds, and the medians of the rounds are shown; ratios are medians of those within one
round, because what else the machine does disturbs all ways of a round alike. Servers have one core, the
generator another. All messages are as long as one of Porch's.

    send loop       one send(2) for each receiver, of a frame made once (C; Python without a compiler)
    Node socket.io  as it comes
    Flask-SocketIO  on gevent, as it comes
    nginx + nchan   C; no rooms, no JSON
    ejabberd        Erlang; rooms by XMPP over WebSocket, nothing kept, who speaks is in the room
    Porch           the transport and the manager of `porch run`, without storage
    Porch, stored   the whole of it: authorised, durable, acknowledged, delivered

What is not installed is named and left out. Then: what a connection, an event, a stored message and an empty
poll cost. Fails when a goal is missed. `--write` puts all into docs/performance.md and docs/fanout.svg.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.fan.ejabberd import Ejabberd  # noqa: E402  # the path had to come first
from bench.fan.goals import connection_goals, fan_out_goals  # noqa: E402
from bench.fan.picture import draw  # noqa: E402
from bench.fan.processes import Process  # noqa: E402
from bench.fan.report import markdown  # noqa: E402
from bench.fan.rounds import Costs, fan_out  # noqa: E402
from bench.fan.single import singles  # noqa: E402
from bench.fan.ways import Nchan, Node, Porch, Raw, Stock, Stored, Way  # noqa: E402
from bench.tables import with_section  # noqa: E402

WAYS: tuple[type[Way], ...] = (Raw, Node, Stock, Nchan, Ejabberd, Porch, Stored)
SIZES = (100, 1_000, 5_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100 receivers only, and fewer connections")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="receivers at most; 5,000 if not given")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each way; 5 if not given")
    parser.add_argument(
        "--first",
        action="store_true",
        help="go before other programs, half of the time (needs root): on a machine that others use",
    )
    parser.add_argument("--write", action="store_true", help="write the figures into docs/")
    arguments = parser.parse_args()
    Process.first = arguments.first
    sizes = [size for size in SIZES if size <= (SIZES[0] if arguments.quick else arguments.most)]
    failures: list[str] = []
    for way in WAYS:
        if way.missing:
            print(f"{way.name} is left out: {way.missing} is not here.")
    ways = [way for way in WAYS if not way.missing]
    costs: Costs = {}
    with tempfile.TemporaryDirectory(prefix="porch-bench-") as folder:
        for size in sizes:
            costs |= fan_out(
                [way for way in ways if size <= way.most], size, arguments.rounds, Path(folder), failures
            )
        found = singles(ways, 500 if arguments.quick else 4_000, arguments.rounds, Path(folder))
    goals = [*fan_out_goals(costs), *connection_goals(found)]
    text = markdown(costs, found, goals)
    print("\n" + text)
    if arguments.write:
        document = ROOT / "docs" / "performance.md"
        document.write_text(with_section(document.read_text(), "bench/fanout", text))
        (ROOT / "docs" / "fanout.svg").write_text(draw(medians(costs)))
    for failure in failures:
        print(f"Failed: {failure}.")
    missed = [goal.name for goal in goals if not goal.is_met]
    if missed or failures:
        sys.exit("Missed: " + ("; ".join(missed) or "none") + ".")


def medians(costs: Costs) -> dict[tuple[str, int, str], float]:
    return {key: statistics.median(rounds) for key, rounds in costs.items()}


if __name__ == "__main__":
    main()
