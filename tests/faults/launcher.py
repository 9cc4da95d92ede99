"""`porch run`, but less durable, to show that the tests see it: `python -m tests.faults.launcher NORMAL`."""

from __future__ import annotations

import sqlite3
import sys

from gevent import monkey

monkey.patch_all()

from porch import launch  # noqa: E402
from porch.engines.writing import durable  # noqa: E402

make_durable = durable.make_durable


def make_less_durable(driver: sqlite3.Connection, _record: object = None) -> None:
    make_durable(driver)
    driver.execute(f"PRAGMA synchronous={sys.argv[1]}")


durable.make_durable = make_less_durable
launch.main(["run"])
