"""The clock that the simulated Steam runs by: what time it is, and how to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from plugins.steam_sim.faults import FaultKind, Faults


class Clock(Protocol):
    """Drives what the world does by itself (players' delays, timestamps of messages). The kernel's clock is one."""

    def now(self) -> int:
        """UTC milliseconds since the epoch."""
        ...

    async def sleep(self, span: int, /) -> None:
        """Come back when `span` milliseconds have passed by this clock."""
        ...


class RunningClock(Protocol):
    """The kernel's clock, as far as it is needed here."""

    def now(self) -> int: ...

    def elapsed(self) -> int: ...

    async def sleep(self, span: int, /) -> None: ...


class OwnClock:
    """The kernel's clock as it was at first, and untouched since: whoever sets this machine's does not set Steam's."""

    def __init__(self, kernels: RunningClock) -> None:
        self._kernels = kernels
        self._began = kernels.now() - kernels.elapsed()

    def now(self) -> int:
        return self._began + self._kernels.elapsed()

    async def sleep(self, span: int, /) -> None:
        await self._kernels.sleep(span)


def own_wall(machines: Callable[[], float], faults: Faults) -> Callable[[], float]:
    """Steam's own time in unix seconds: this machine's, or so far off it as a fault says."""

    def wall() -> float:
        off = 0
        for kind, sign in ((FaultKind.CLOCK_AHEAD, 1), (FaultKind.CLOCK_BEHIND, -1)):
            if (fault := faults.active(kind, None)) is not None:
                off += sign * fault.delay_ms
        return machines() + off / 1_000

    return wall


class Delays:
    """Things that are done later, by a clock; what has not been done at `stop` never is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: set[asyncio.Task[None]] = set()

    def after(self, span: int, action: Callable[[], None]) -> None:
        """Do it in `span` milliseconds."""
        task = asyncio.create_task(self._wait(span, action), name="steam_sim: a late answer")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def stop(self) -> None:
        """Forget what waits."""
        waiting = tuple(self._waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _wait(self, span: int, action: Callable[[], None]) -> None:
        await self._clock.sleep(span)
        action()
