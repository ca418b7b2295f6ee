"""Time as an argument: the one place that asks the machine what time it is."""

from __future__ import annotations

import asyncio
import time
from typing import NewType, Protocol

Millis = NewType("Millis", int)
"""UTC milliseconds since the epoch, or a span of milliseconds."""

SECOND = Millis(1_000)
MINUTE = Millis(60_000)
HOUR = Millis(3_600_000)
DAY = Millis(86_400_000)


class Clock(Protocol):
    """What the kernel and its plugins know of time. Deadlines of sockets are the event loop's, not this clock's."""

    @property
    def rate(self) -> float:
        """Milliseconds of this clock in a millisecond of the wall's; 1 outside demonstrations."""
        ...

    def now(self) -> Millis:
        """The present moment; never less than what it returned before."""
        ...

    async def sleep(self, span: int) -> None:
        """Come back when `span` milliseconds have passed by this clock."""
        ...

    def resume(self, latest: int) -> None:
        """An earlier run got as far as `latest`. A clock that is not the wall's goes on from there."""
        ...


class SystemClock:
    """The wall's clock, never going back within a run; `rate` above 1 makes a demonstration's time run faster."""

    def __init__(self, *, rate: float = 1.0) -> None:
        if rate < 1:
            raise ValueError("a clock's rate is 1 or more")
        self._rate = rate
        self._started = time.time()
        self._origin = self._started * 1_000
        self._latest = Millis(0)

    @property
    def rate(self) -> float:
        return self._rate

    def now(self) -> Millis:
        moment = Millis(int(self._origin + (time.time() - self._started) * 1_000 * self._rate))
        self._latest = max(self._latest, moment)
        return self._latest

    async def sleep(self, span: int) -> None:
        await asyncio.sleep(max(0, span) / 1_000 / self._rate)

    def resume(self, latest: int) -> None:
        if self._rate > 1:  # the wall's clock stays the wall's, whatever a log says
            self._origin += max(0, latest - self.now())
