"""Passwords that cost little to hash: tests make thousands. To be called before applications are made."""

from __future__ import annotations

from porch.engines.limits import passwords

REAL = {name: getattr(passwords, name) for name in ("MEMORY", "ROUNDS")}
QUICK = {"MEMORY": 64, "ROUNDS": 1}


def hash_quickly() -> None:
    for name, value in QUICK.items():
        setattr(passwords, name, value)
