"""Asks a running server again and again, and prints what it takes: for the benches of calls."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path


def show(what: str, pid: int, calls: int, call: Callable[[int], object]) -> None:
    call(0)  # so that connections and statements are there
    before, times = cpu(pid), []
    for number in range(1, calls + 1):
        start = time.perf_counter()
        call(number)
        times.append((time.perf_counter() - start) * 1000)
    spent = (cpu(pid) - before) / calls * 1000
    print(
        f"{what:44}{statistics.median(times):10.1f}{statistics.quantiles(times, n=20)[-1]:9.1f}{spent:8.1f}"
    )


def cpu(pid: int) -> float:
    """Seconds of CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
