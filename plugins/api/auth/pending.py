"""Sign-ins between their two steps, and second factors that are being set up: in memory, for a few minutes."""

from __future__ import annotations

import secrets
from typing import Final, Generic, TypeVar

from msgspec import Struct

from kernel.clock import MINUTE, Clock
from plugins.api.auth.actions import Action
from plugins.api.auth.operators import digest_of

T = TypeVar("T")
LASTS: Final = 10 * MINUTE
KEPT: Final = 1_000


class Pending(Generic[T]):
    """Things by their key, each for ten minutes and the newest thousand of all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._things: dict[str, tuple[int, T]] = {}

    def put(self, key: str, thing: T) -> None:
        self._things.pop(key, None)
        self._things[key] = (self._clock.elapsed() + LASTS, thing)
        while len(self._things) > KEPT:
            self._things.pop(next(iter(self._things)))

    def get(self, key: str) -> T | None:
        until, thing = self._things.get(key, (0, None))
        return thing if thing is not None and self._clock.elapsed() < until else None

    def take(self, key: str) -> T | None:
        """The thing, which is not there any more: for what is good once."""
        thing = self.get(key)
        self.drop(key)
        return thing

    def drop(self, key: str) -> None:
        self._things.pop(key, None)


class HalfSignIn(Struct, frozen=True):
    """A sign-in whose password was right, and whose second factor is awaited, or is to be set up."""

    name: str
    generation: int
    how: Action

    def __repr__(self) -> str:
        return f"HalfSignIn({self.name})"


class HalfSignIns:
    """By the ticket that the browser was given, of which the hash alone is kept."""

    def __init__(self, clock: Clock) -> None:
        self._pending: Pending[HalfSignIn] = Pending(clock)

    def begin(self, half: HalfSignIn) -> str:
        """Returns the ticket."""
        ticket = secrets.token_urlsafe(32)
        self._pending.put(digest_of(ticket), half)
        return ticket

    def find(self, ticket: str) -> HalfSignIn | None:
        return self._pending.get(digest_of(ticket))

    def end(self, ticket: str) -> None:
        self._pending.drop(digest_of(ticket))
