"""Password rules, and hashing with argon2id."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from kernel.errors import Malformed, Unavailable
from plugins.api.codes import ApiRefusal

SHORTEST: Final = 12
LONGEST: Final = 128
HASHER: Final = PasswordHasher()
"""The second choice of RFC 9106, and the library's: 64 MiB, three passes, four lanes; about 50 ms."""
AT_ONCE: Final = 2
"""Hashes being computed: each takes a core and 64 MiB."""
WAITING: Final = 50


def check(password: str, name: str) -> None:
    """Raises Malformed where the password is too weak."""
    if not SHORTEST <= len(password) <= LONGEST:
        text = f"Give {SHORTEST} to {LONGEST} characters; a few words that nobody else would put together are good."
        raise Malformed(ApiRefusal.WEAK_PASSWORD, text, field="password")
    if name.casefold() in password.casefold() or len(set(password)) < 5:
        text = "Give one without your name in it, and of more than a few different characters."
        raise Malformed(ApiRefusal.WEAK_PASSWORD, text, field="password")


def make(password: str) -> str:
    """The encoded argon2id hash, with salt and parameters."""
    return HASHER.hash(password)


@cache
def _dummy_hash() -> str:
    """The hash to verify against where there is no such account: no timing oracle."""
    return make(secrets.token_urlsafe())


def matches(encoded: str | None, password: str) -> bool:
    """Whether the password matches; False without a hash, in the same time."""
    try:
        HASHER.verify(encoded or _dummy_hash(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return encoded is not None


class HashingPool:
    """Computes hashes in threads, a bounded number at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def matches(self, encoded: str | None, password: str) -> bool:
        """`matches`, in a thread. Raises Unavailable when too many wait."""
        if self._waiting >= WAITING:
            raise Unavailable(ApiRefusal.BUSY, "Too many sign-ins are waiting.", retry_after=2_000)
        self._waiting += 1
        try:
            async with self._free:
                return await asyncio.to_thread(matches, encoded, password)
        finally:
            self._waiting -= 1

    async def make(self, password: str) -> str:
        """`make`, in a thread."""
        async with self._free:
            return await asyncio.to_thread(make, password)
