"""Servers of a rich site of their own, and their hosts in real browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from tests.conftest import UNLIMITED
from tests.support.browser import Person
from tests.support.browser_lobby import sign_up
from tests.support.database import change
from tests.support.server import Server
from tests.support.site import write_rich_site
from tests.support.waiting import eventually

Make = Callable[..., Person]


def serving(folder: Path, **site: Any) -> Iterator[Server]:
    write_rich_site(folder / "owners", **site)
    with Server(folder / "data", site=folder / "owners", **UNLIMITED) as running:
        eventually(lambda: requests.get(running.url, timeout=10).text.count("<picture>") == 4, within=60)
        running.site = folder / "owners"
        yield running


def hosts_of(server: Server, visitor: Make) -> Make:
    def make(**options: Any) -> Person:
        one = sign_up(visitor(url=server.url, **options))
        change(server.data, "UPDATE \"user\" SET role = 'admin'")
        return one

    return make
