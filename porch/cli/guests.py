"""People that a command makes up: they sign in, do something and leave; what they wrote stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain

import click

from porch import names
from porch.access.actors import Actor, actor_for_session
from porch.actions.order.members import leave_for_good
from porch.actions.people.sessions import Browser, create_session, end_session
from porch.engines import Engines
from porch.engines.limits.limiter import Limiter
from porch.errors import NameTaken


def unlimited(engines: Engines) -> Engines:
    """The same engines without limits, and open to guests: a command of the host would only stand in its
    own way.
    """
    settings = replace(engines.settings, guests=True)
    return replace(engines, settings=settings, limiter=Limiter(defaultdict(lambda: None)))


@contextmanager
def guests(engines: Engines, wanted: Sequence[str]) -> Iterator[list[Actor]]:
    """One guest for each name, or for one like it. Afterwards their names are free again, and they are in no
    room: nobody would find out who the nameless members are.
    """
    with ExitStack() as there:
        yield [there.enter_context(_guest(engines, name)) for name in wanted]


@contextmanager
def _guest(engines: Engines, wanted: str) -> Iterator[Actor]:
    actor = _sign_in(engines, wanted)
    try:
        yield actor
    finally:
        leave_for_good(engines, actor)
        end_session(engines, actor)


def _sign_in(engines: Engines, wanted: str) -> Actor:
    for name in chain([wanted], names.alternatives(wanted)):
        try:
            session = create_session(engines, name, Browser(address=""))
        except NameTaken:
            continue
        return actor_for_session(engines.settings, session.session_id)
    raise click.ClickException(f"All names like {wanted} are taken.")
