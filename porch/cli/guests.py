"""People that a command makes up: they sign in, do something and leave; what they wrote stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

import click

from porch import names
from porch.access import Actor
from porch.actions.sessions import create_session, end_session
from porch.engines import Engines
from porch.engines.limiter import Limiter
from porch.errors import NameTaken
from porch.models.clock import utc_now

# Names tried for one person, the number behind the name counting up.
TRIES = 1000


def unlimited(engines: Engines) -> Engines:
    """The same engines without rate limits: a command of the host would only stand in its own way."""
    return replace(engines, limiter=Limiter(defaultdict(lambda: None)))


@contextmanager
def guests(engines: Engines, wanted: Sequence[str]) -> Iterator[list[Actor]]:
    """One guest for each name, or for one like it; their names are free again afterwards."""
    actors = [_guest(engines, name) for name in wanted]
    try:
        yield actors
    finally:
        for actor in actors:
            end_session(engines, actor)


def _guest(engines: Engines, wanted: str) -> Actor:
    for name in (wanted, *islice(names.alternatives(wanted), TRIES)):
        try:
            session = create_session(engines, name, address="")
        except NameTaken:
            continue
        return Actor(session.session_id, session.user_id, session.username, session.guest, utc_now())
    raise click.ClickException(f"All names like {wanted} are taken.")
