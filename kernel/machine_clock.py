"""The machine's clocks, and the system's over them: the one place that asks the machine what time it is."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from kernel.clock import SECOND, Millis

NAP_MS: Final = 1_000
"""The machine was suspended if its clock since boot has gained so much on the event loop's."""


class MachineClocks:
    """The machine's clocks, in seconds. All that the system knows of time comes through here; a test has its own."""

    def wall(self) -> float:
        """Since the epoch, as somebody has set it."""
        return time.time()

    def boot(self) -> float:
        """Since the machine was started, its sleep included where the platform counts that."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    def awake(self) -> float:
        """The same without its sleep: what the timers of the event loop go by."""
        return time.monotonic()


class SystemClock:
    """Anchored to the wall once, and then running by the clock since boot: nothing makes it jump but `step`.

    `rate` above 1 makes a demonstration's time run faster; such a clock does not follow the wall.
    """

    def __init__(self, *, rate: float = 1.0, machine: MachineClocks | None = None) -> None:
        if rate < 1:
            raise ValueError("a clock's rate is 1 or more")
        self._rate = rate
        self._machine = machine or MachineClocks()
        self._booted = self._machine.boot()
        self._slept = self._booted - self._machine.awake()
        self._lived = 0.0
        self._origin = self._machine.wall() * 1_000
        self._began = 0.0
        self._steady_since = 0.0
        self._sleepers: set[_Sleeper] = set()

    @property
    def rate(self) -> float:
        return self._rate

    def now(self) -> Millis:
        return Millis(int(self._origin + self._live()))

    def elapsed(self) -> Millis:
        return Millis(int(self._live() - self._began))

    def steady(self) -> Millis:
        return Millis(int(self._live() - self._steady_since))

    async def sleep(self, span: int) -> None:
        if span <= 0:
            await asyncio.sleep(0)
            return
        sleeper = _Sleeper(self._live() + span, span / 1_000 / self._rate)
        self._sleepers.add(sleeper)
        try:
            await sleeper.woken
        finally:
            sleeper.timer.cancel()
            self._sleepers.discard(sleeper)

    def resume(self, latest: int) -> None:
        self._began = self._live()
        self.doubt()
        if self._rate > 1:  # the wall's clock stays the wall's, whatever a log says
            self._origin += max(0, latest - self.now())

    def offset(self) -> int:
        return round(self._machine.wall() * 1_000 - self._origin - self._live()) if self._rate == 1 else 0

    async def next_look(self) -> None:
        await asyncio.sleep(SECOND / 1_000)
        slept = self._machine.boot() - self._machine.awake()
        if abs(slept - self._slept) * 1_000 > NAP_MS:
            self._slept = slept
            self._rouse()

    def step(self, by: int) -> None:
        self._origin += by
        self.doubt()

    def doubt(self) -> None:
        self._steady_since = self._live()

    def _live(self) -> float:
        """Milliseconds of this clock since it was made; never less than before, whatever is done to the machine."""
        self._lived = max(self._lived, (self._machine.boot() - self._booted) * 1_000 * self._rate)
        return self._lived

    def _rouse(self) -> None:
        """The machine was suspended: of what a timer had still to go, a part has passed."""
        self.doubt()  # nor is it known who has set its clock meanwhile
        for sleeper in self._sleepers:
            sleeper.set_timer((sleeper.due - self._live()) / 1_000 / self._rate)


class _Sleeper:
    """Somebody who sleeps until `due`, by the milliseconds that the clock has lived."""

    def __init__(self, due: float, seconds: float) -> None:
        self.due = due
        self._loop = asyncio.get_running_loop()
        self.woken: asyncio.Future[None] = self._loop.create_future()
        self.timer = self._loop.call_later(seconds, self._wake)

    def set_timer(self, seconds: float) -> None:
        self.timer.cancel()
        self.timer = self._loop.call_later(max(0.0, seconds), self._wake)

    def _wake(self) -> None:
        if not self.woken.done():
            self.woken.set_result(None)
