"""Which tests are about SQLite itself and not run on PostgreSQL; and those that `bin/test` runs on both when
it takes little time: `python -m tests.support.engines` names their files.
"""

from __future__ import annotations

import pytest

from tests.support import postgres

# What hangs most on how the database does things.
ON_BOTH = (
    "tests/test_postgres.py",
    "tests/test_postgres_plans.py",
    "tests/faults/test_database_gone.py",
    "tests/faults/test_processes.py",
    "tests/test_appending.py",
    "tests/test_exactly_once.py",
    "tests/test_memory.py",
    "tests/test_names.py",
    "tests/test_people.py",
    "tests/test_room_log.py",
    "tests/test_search.py",
    "tests/test_snapshots.py",
    "tests/test_unread.py",
)


def only_on_sqlite(item: pytest.Item) -> str | None:
    """Why a test is not run on PostgreSQL, if it is not."""
    if not postgres.is_chosen():
        return None
    marker = item.get_closest_marker("sqlite")
    return str(marker.args[0]) if marker else None


if __name__ == "__main__":
    print(*ON_BOTH)  # noqa: T201
