"""A bounded queue of events between the bus, which never waits, and a task that may."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum

from kernel.events import Envelope


class Overflow(Enum):
    """What happens to a stream whose reader is too slow."""

    DROP_OLDEST = "drop oldest"
    """The reader misses events; `missed` counts them."""
    CLOSE = "close"
    """The reader gets what is there, then the end; `overflowed` says why."""


class Stream:
    """An async iterator of envelopes, in the bus's order."""

    def __init__(self, size: int, overflow: Overflow) -> None:
        self._size = size
        self._overflow = overflow
        self._queue: deque[Envelope] = deque()
        self._more = asyncio.Event()
        self._closed = False
        self.missed = 0
        self.overflowed = False

    def push(self, envelope: Envelope) -> None:
        """Called by the bus."""
        if self._closed:
            return
        if len(self._queue) >= self._size:
            if self._overflow is Overflow.CLOSE:
                self.overflowed = True
                self.close()
                return
            self._queue.popleft()
            self.missed += 1
        self._queue.append(envelope)
        self._more.set()

    def close(self) -> None:
        """End the stream after what is in it."""
        self._closed = True
        self._more.set()

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> Envelope:
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._more.clear()
            await self._more.wait()
        return self._queue.popleft()
