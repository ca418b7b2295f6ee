"""The garbage collector as a policy of the process: it rests while a start loads, and never walks what lives on.

Python's own thresholds make it walk every tracked object again and again while thousands of sessions are made: stops
of a second, to free next to nothing. Here what has settled is *frozen*: put out of the collector's sight. What is
frozen and dies without a cycle is freed as ever, by counting references; sessions break their cycles for that. Cycles
among the frozen stay until a *thaw*, which looks at everything again.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kernel.bus import Bus
from kernel.clock import HOUR, MINUTE, Clock
from kernel.containment import CONTAINED, being_cancelled
from kernel.events import BotConnected, BotDisconnected, PluginReloaded
from kernel.measures import Distribution, Measure, MeasureKind
from kernel.rows import BotStatus
from kernel.state import State

THRESHOLDS: Final = (50_000, 20, 1_000_000)
"""No full pass comes by itself: this module makes them, when they cost little."""
SIGN_INS_MOST: Final = 1_000
SIGN_INS_LEAST: Final = 50
"""After so many sign-ins what they have made is looked through and frozen, at the most and at the least."""
STOP_S: Final = 0.010
"""A stop that was longer halves the number of sign-ins until the next."""
THAW_AFTER: Final = HOUR
"""Between two thaws, and between two passes over what is not frozen while nobody signs in."""
SHARE_ENDED: Final = 4
"""A thaw is worth its stop once one of so many bots has gone off since the last."""
log = logging.getLogger("kernel")


@contextmanager
def paused() -> Iterator[None]:
    """Nothing that is loaded meanwhile is garbage, and looking for some costs a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class CollectorPolicy:
    """Installed once in a process, by whoever runs a system in it; until then it does nothing."""

    def __init__(self, state: State, clock: Clock, bus: Bus, timer: Callable[[], float] = time.perf_counter) -> None:
        self._state = state
        self._clock = clock
        self._bus = bus
        self._timer = timer
        self._undo: list[Callable[[], object]] = []
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0
        self._last_stop = 0.0
        self._signed_in = 0
        self._ended = 0
        self._reloaded = False
        self._thawed_at = self._passed_at = 0
        self.every = SIGN_INS_MOST
        """Sign-ins from one freeze to the next."""
        self.pauses: Final = tuple(Distribution() for _ in THRESHOLDS)
        """The stops, by generation."""

    @property
    def installed(self) -> bool:
        return bool(self._undo)

    def install(self) -> None:
        """Take charge of the process's collector."""
        before = gc.get_threshold()
        gc.set_threshold(*THRESHOLDS)
        gc.callbacks.append(self._measure)
        self._undo = [
            lambda: gc.set_threshold(*before),
            lambda: gc.callbacks.remove(self._measure),
            gc.unfreeze,
            self._bus.subscribe(BotConnected, self._connected, owner="kernel"),
            self._bus.subscribe(BotDisconnected, self._disconnected, owner="kernel"),
            self._bus.subscribe(PluginReloaded, self._code_replaced, owner="kernel"),
        ]

    def remove(self) -> None:
        """Leave the collector as it was found."""
        undo, self._undo = self._undo, []
        for step in undo:
            step()

    def start(self) -> None:
        """The state is recovered and the plugins are up: freeze them, and look after the rest from now on."""
        if self.installed:
            self._thawed_at = self._passed_at = self._clock.elapsed()
            self.freeze()
            self._task = asyncio.create_task(self._run(), name="kernel: collector")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    def freeze(self) -> None:
        """Free what has become garbage since the last time, and put the rest out of the collector's sight."""
        gc.collect()
        gc.freeze()
        self._signed_in = 0
        self._passed_at = self._clock.elapsed()

    def look(self) -> None:
        """What there is to do while nothing else calls for it. Called once a minute."""
        now = self._clock.elapsed()
        if self._thaw_is_due(now):
            ended, self._ended, self._reloaded, self._thawed_at = self._ended, 0, False, now
            gc.unfreeze()
            self.freeze()
            log.info("%d sessions have ended: all memory was looked through in %.0f ms", ended, self._last_stop * 1_000)
        elif now - self._passed_at >= THAW_AFTER:
            self._passed_at = now
            gc.collect()

    def _thaw_is_due(self, now: int) -> bool:
        bots = self._state.index.bots_by_status
        worth_it = self._reloaded or self._ended * SHARE_ENDED >= max(1, len(self._state.bots))
        return worth_it and not bots[BotStatus.CONNECTING] and now - self._thawed_at >= THAW_AFTER

    def measures(self) -> Sequence[Measure]:
        if not self.installed:
            return ()
        return (
            Measure(
                name="gc_pause_seconds",
                help="Stops by the garbage collector.",
                kind=MeasureKind.HISTOGRAM,
                labels=("generation",),
                samples={(str(generation),): stops for generation, stops in enumerate(self.pauses)},
            ),
        )

    def _measure(self, phase: str, info: dict[str, Any]) -> None:
        """Called by the collector, in whichever thread it runs."""
        if phase == "start":
            self._began = self._timer()
            return
        self._last_stop = self._timer() - self._began
        self.pauses[info["generation"]].observe(self._last_stop)

    def _connected(self, *_: object) -> None:
        self._signed_in += 1
        if self._signed_in >= self.every:
            self.freeze()
            if self._last_stop > STOP_S:
                self.every = max(SIGN_INS_LEAST, self.every // 2)

    def _disconnected(self, *_: object) -> None:
        self._ended += 1

    def _code_replaced(self, *_: object) -> None:
        self._reloaded = True  # the classes of before are cycles

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(MINUTE)
            try:
                self.look()
            except CONTAINED as error:  # the next look may succeed
                if isinstance(error, asyncio.CancelledError) and being_cancelled():
                    raise
                log.error("memory was not looked after", exc_info=error)
