"""Which addresses count as one."""

from __future__ import annotations

import pytest

from porch.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_what_one_customer_has(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_wider_network_has_those_beside_it() -> None:
    assert network_of("2001:db8:1:2::3", 48) == network_of("2001:db8:1:ff::4", 48) == "2001:db8:1::/48"
    assert network_of("203.0.113.7", 48) == "203.0.113.7"
