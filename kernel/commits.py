"""The commit barrier: how far the journal has brought events to disk, and who waits for it."""

from __future__ import annotations

import asyncio
from collections import deque

from kernel.errors import CommitFailed


class Commits:
    """Whoever must not go on before its events are on disk waits here; the journal says how far it has got.

    Until a journal has taken charge, nothing is durable and nobody waits: that is how tests run. Once one has, its
    absence or failure lets nobody through.
    """

    def __init__(self) -> None:
        self._in_charge = False
        self._reached = 0
        self._failure: str | None = None
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def in_charge(self) -> bool:
        """Whether a journal has ever taken charge: until then nothing is on disk, and nothing waits to be."""
        return self._in_charge

    @property
    def reached(self) -> int:
        """The seq up to which everything is on disk."""
        return self._reached

    @property
    def failure(self) -> str | None:
        """Why nothing can be committed just now; None when it can."""
        return self._failure

    def take_charge(self, reached: int) -> None:
        """The journal is up, and holds everything up to `reached`."""
        self._in_charge = True
        self._failure = None
        self._reached = reached

    def advance(self, seq: int) -> None:
        """Everything up to `seq` is on disk."""
        self._reached = max(self._reached, seq)
        self._failure = None
        while self._waiting and self._waiting[0][0] <= seq:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)

    def fail(self, why: str) -> None:
        """The journal cannot write: refuse all who wait, and all who come, until it advances again."""
        self._failure = why
        while self._waiting:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(CommitFailed(why))

    async def wait(self, seq: int) -> None:
        """Return when everything up to `seq` is on disk. Raises CommitFailed when it does not get there."""
        if not self._in_charge or seq <= self._reached:
            return
        if self._failure is not None:
            raise CommitFailed(self._failure)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, waiter))  # in order: seq is always the latest there is
        await waiter
