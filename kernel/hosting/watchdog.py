"""A thread that sees when the event loop is blocked, and by whose code; beyond all patience it interrupts that code.

It costs the loop ten wake-ups a second and nothing on any path: who is to blame is read off the stack of the loop's
thread. Time is counted in its own wake-ups, so a machine that was asleep, or starved, blames nobody.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final, NamedTuple

from kernel.containment import Hung

TICK_MS: Final = 100
SIGNAL: Final = signal.SIGUSR2
log = logging.getLogger("kernel")


class Place(NamedTuple):
    """A plugin, and where in its code."""

    plugin: str
    line: str


Blame = Callable[[FrameType | None], Place | None]
"""Whose code is running, seen from the innermost frame. Called from the watching thread."""
Report = Callable[[Place, int], None]
"""Told, on the loop, who blocked it, and for how many milliseconds."""


class Watchdog:
    """Watches one loop. `limit_ms`: what is worth telling; `patience_s`: after that the code is interrupted."""

    def __init__(self, blame: Blame, report: Report, *, limit_ms: int, patience_s: float) -> None:
        self._blame = blame
        self._report = report
        self._limit_ms = limit_ms
        self._patience = max(1, round(patience_s * 1_000 / TICK_MS))
        self._ended = threading.Event()
        self._beat = 0
        self._hung: str | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Called on the loop. Interrupting needs the main thread; elsewhere code that hangs is only named."""
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._interrupts = threading.current_thread() is threading.main_thread()
        if self._interrupts:
            self._before = signal.signal(SIGNAL, self._interrupt)
        self._pulse()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is None:
            return
        self._ended.set()
        self._timer.cancel()
        self._thread.join()
        if self._interrupts:
            signal.signal(SIGNAL, self._before)

    def _pulse(self) -> None:
        self._beat += 1
        self._timer = self._loop.call_later(TICK_MS / 1_000, self._pulse)

    def _watch(self) -> None:
        seen, silent = self._beat, 0
        blocked: dict[str, tuple[Place, int]] = {}
        while not self._ended.wait(TICK_MS / 1_000):
            if self._beat != seen:
                self._tell(blocked)
                seen, silent, blocked, self._hung = self._beat, 0, {}, None
                continue
            silent += 1
            place = self._blame(sys._current_frames().get(self._watched))
            if place is None:
                continue
            blocked[place.plugin] = place, blocked.get(place.plugin, (place, 0))[1] + TICK_MS
            if silent % self._patience == 0:
                log.critical("%s does not give the event loop back: %s", place.plugin, place.line)
                self._hung = place.plugin
                if self._interrupts:
                    signal.pthread_kill(self._watched, SIGNAL)

    def _tell(self, blocked: dict[str, tuple[Place, int]]) -> None:
        for place, span in blocked.values():
            if span >= self._limit_ms and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._report, place, span)

    def _interrupt(self, _: int, frame: FrameType | None) -> None:
        """Runs between two steps of what hangs, or in the middle of its sleep; it may have come back by now."""
        place = self._blame(frame)
        if place is not None and place.plugin == self._hung:
            hung = Hung(f"interrupted: it did not give the event loop back ({place.line})")
            hung.blocked_ms = self._patience * TICK_MS
            raise hung
