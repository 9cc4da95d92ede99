"""Clients that poll and have not signed in: counted, since one connection can open any number of them."""

from __future__ import annotations

from collections import Counter

from porch.networks import network_of

MOST = 1000
MOST_OF_ONE = 100  # of one address, or IPv6 network of 64 bits
MOST_OF_48 = 300  # of an IPv6 network of 48 bits, which has 65,536 of those and may be one customer's
TOO_MANY_STRANGERS = "Too many connections that have not signed in"


class TooManyStrangers(Exception):
    """Answered with this status and text; whoever comes back in a few seconds finds room."""

    def __init__(self, status: str) -> None:
        super().__init__(TOO_MANY_STRANGERS)
        self.status = status


class Strangers:
    """Each from its handshake until it has signed in, has a WebSocket or is closed; and after signing out."""

    def __init__(self) -> None:
        self._networks: dict[str, list[str]] = {}  # by the sid of each
        self._of_network: Counter[str] = Counter()

    def confirm_room(self, address: str) -> None:
        """Raises TooManyStrangers where there is none for another one from this address."""
        if any(self._of_network[network] >= most for network, most in _bounds(address).items()):
            raise TooManyStrangers("429 Too Many Requests")
        if len(self._networks) >= MOST:
            raise TooManyStrangers("503 Service Unavailable")

    def add(self, sid: str, address: str) -> None:
        if sid not in self._networks:
            networks = self._networks[sid] = list(_bounds(address))
            self._of_network.update(networks)

    def forget(self, sid: str) -> None:
        for network in self._networks.pop(sid, ()):
            self._of_network[network] -= 1
            if not self._of_network[network]:
                del self._of_network[network]


def _bounds(address: str) -> dict[str, int]:
    """The networks of an address, each with how many there may be; of IPv4 it is the address itself, once."""
    return {network_of(address, 48): MOST_OF_48, network_of(address): MOST_OF_ONE}
