"""Machines as network namespaces on one cable: each has an address of its own, and its cable can be pulled.

Needs root, and `ip` of iproute2.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_numbers = itertools.count(os.getpid())


def is_possible() -> bool:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = "porch-try"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
    return tried.returncode == 0


class Machine:
    """`run` is what a command begins with that is to run there."""

    def __init__(self, name: str, address: str, cable: str, switch: str) -> None:
        self.address = address
        self.run = ("ip", "netns", "exec", name)
        self._cable, self._switch = cable, switch

    def pull(self) -> None:
        """Pull its cable: what is sent either way is lost, and nobody is told."""
        _ip("-n", self._switch, "link", "set", self._cable, "down")

    def plug(self) -> None:
        _ip("-n", self._switch, "link", "set", self._cable, "up")


class Network:
    """A switch with machines on it, and this one."""

    def __init__(self, switch: str, number: int, stack: ExitStack) -> None:
        self._switch, self._stack = switch, stack
        self._net = f"10.83.{number}"
        self._count = itertools.count(1)
        self.address = self._plug_in("", 1)

    def machine(self) -> Machine:
        number = next(self._count) + 1
        name = f"{self._switch}-{number}"
        _add(name, self._stack)
        address = self._plug_in(name, number)
        return Machine(name, address, f"port{number}", self._switch)

    def _plug_in(self, name: str, number: int) -> str:
        """Lay a cable from the switch to a machine, to this one if it has no name."""
        address, there = f"{self._net}.{number}", f"{self._switch}c{number}"
        _ip("-n", self._switch, "link", "add", f"port{number}", "type", "veth", "peer", "name", there)
        _ip("-n", self._switch, "link", "set", f"port{number}", "master", "switch", "up")
        _ip("-n", self._switch, "link", "set", there, "netns", name or str(os.getpid()))
        at = ("-n", name) if name else ()
        _ip(*at, "address", "add", f"{address}/24", "dev", there)
        _ip(*at, "link", "set", there, "up")
        return address


@contextmanager
def a_network() -> Iterator[Network]:
    """What runs on its machines has to end before."""
    number = next(_numbers) % 250
    with ExitStack() as stack:
        switch = f"porch{number}"
        _add(switch, stack)
        _ip("-n", switch, "link", "add", "switch", "type", "bridge")
        _ip("-n", switch, "link", "set", "switch", "up")
        yield Network(switch, number, stack)


def _add(name: str, stack: ExitStack) -> None:
    """A namespace; cables go with the first of the two that they connect."""
    _ip("netns", "add", name)
    stack.callback(_ip, "netns", "delete", name)
    _ip("-n", name, "link", "set", "lo", "up")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
