"""Where somebody comes from, as limits count it."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

MOST_ADDRESSES = 1024  # of which the network is remembered


@lru_cache(MOST_ADDRESSES)
def network_of(address: str, bits: int = 64) -> str:
    """What one customer of a provider has: an IPv4 address, or an IPv6 network; of 64 bits at least, often of
    56, and of 48 at most.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, bits), strict=False))


def is_loopback(address: str) -> bool:
    """Whether this is an address that only programs on this machine can have."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_loopback
