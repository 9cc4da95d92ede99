"""Hashing passwords with argon2id, at most two at a time, while everything else goes on."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Callable
from typing import Literal, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from porch.engines.limits.pools import AT_ONCE, pool_for
from porch.errors import RetryLater

T = TypeVar("T")

# OWASP's parameters: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
MEMORY = 19 * 1024  # KiB
ROUNDS = 2
LANES = 1

MOST_WAITING = 64


class Passwords:
    """`mode` as `pool_for` has it."""

    def __init__(self, mode: Literal["gevent", "threading"]) -> None:
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY, parallelism=LANES)
        self._pool = pool_for(mode)
        self._nobodys = _hash_of_nothing(self._hasher)
        self._counting = threading.Lock()
        self._under_way = 0

    def hash(self, password: str) -> str:
        """A new hash with its parameters and salt, at most 100 characters. Raises RetryLater."""
        return self._run(lambda: self._hasher.hash(password))

    def verify(self, encoded: str | None, password: str) -> bool:
        """Whether `encoded` was made from this password. Raises RetryLater.

        None stands for a user who does not exist or has no password: it takes as long, and is never true.
        """
        return self._run(lambda: self._matches(encoded or self._nobodys, password)) and encoded is not None

    def needs_rehash(self, encoded: str) -> bool:
        """Whether this hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(encoded)

    def _matches(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except VerifyMismatchError:
            return False

    def _run(self, work: Callable[[], T]) -> T:
        with self._counting:
            if self._under_way >= AT_ONCE + MOST_WAITING:
                raise RetryLater(cause=f"{MOST_WAITING} passwords are waiting")
            self._under_way += 1
        try:
            return self._pool.run(work)
        finally:
            with self._counting:
                self._under_way -= 1


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """What a hash with these parameters looks like, made of chance: no password is known to fit."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19$m={MEMORY},t={ROUNDS},p={LANES}${salt}${digest}"
