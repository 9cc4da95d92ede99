"""Locks of files that other processes, also on other machines, may have as well (flock).

Windows has none of this kind, nor have some file systems: there each process knows only of itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

if sys.platform != "win32":
    import fcntl

LetGo = Callable[[], None]


def locked(place: Path, *, alone: bool = False) -> LetGo | None:
    """Lock the file that is there, and return what lets it go: together with others who do so, or `alone`.

    None when it is not there; and, for who wants it alone, when others have it. Those wait, and find it gone.
    """
    if sys.platform == "win32":
        return _nothing if place.is_file() else None
    try:
        number = os.open(place, os.O_RDWR)  # for NFS, which locks nothing alone that is only read
    except FileNotFoundError:
        return None
    try:
        is_taken = _take(number, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        if is_taken and _is_there(place, number):
            return partial(os.close, number)
    except BaseException:
        os.close(number)
        raise
    os.close(number)
    return None


def _take(number: int, how: int) -> bool:
    """False when somebody is in the way."""
    try:
        fcntl.flock(number, how)
    except BlockingIOError:
        return False
    except OSError:
        return True  # nobody can lock anything there
    return True


def _is_there(place: Path, number: int) -> bool:
    """Whether what was opened has not been removed since."""
    try:
        return os.path.samestat(place.stat(), os.fstat(number))
    except FileNotFoundError:
        return False


def _nothing() -> None:
    pass
