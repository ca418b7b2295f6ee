"""Clock discipline: the one place that watches the machine's clock, and says when the system's is to step with it.

A small difference is left alone: the system's clock runs by the one since boot, which a time service slews along with
the wall's, and slewing it once more would make some minute shorter than a minute. A large difference, or small ones
that add up to it, is only noticed at first: a clock that is wrong for some seconds must move nothing. One that stays is
followed in a single step, ahead or back, told by `clock.stepped`; folding that event moves the times in the state along
(`kernel.times`), so that no span gets longer or shorter by it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from kernel.clock import DAY, HOUR, MINUTE, SECOND, AdjustableClock, Millis
from kernel.containment import CONTAINED, being_cancelled
from kernel.events import ClockResumed, ClockStepped, ErrorLogged, Event
from kernel.hookspecs import Health
from kernel.measures import Measure

STEP_MS: Final = 3 * SECOND
"""By how much the two clocks may differ. Beyond, somebody, or something, has set the machine's."""
LOOKS: Final = 15
"""So many looks, a second apart, must have found the machine's clock at its new place before it is followed."""
SAME_MS: Final = SECOND
"""Two looks that differ by no more have seen the same clock."""
RESTLESS_MS: Final = MINUTE
"""A clock that has found no place for so long is told of."""
TOLD_AGAIN_MS: Final = 10 * MINUTE
"""A clock that is wrong again and again is told of in the log each time, and to people no more often than this."""
NAME: Final = "clock"
log = logging.getLogger("kernel")


class _Doubt:
    """The machine's clock is far off: since when, by how much, and how often in a row it was found there."""

    def __init__(self, offset: int, since: Millis) -> None:
        self.since = since
        self.most = offset
        self.place_at(offset)
        self.told = False

    def place_at(self, offset: int) -> None:
        self.offset, self.looks = offset, 1
        self.most = max(self.most, offset, key=abs)


class Discipline:
    """Looks at the clock once a second, as a task of the system's, and publishes what comes of it."""

    def __init__(self, clock: AdjustableClock, publish: Callable[[Event], object]) -> None:
        self._clock = clock
        self._publish = publish
        self._task: asyncio.Task[None] | None = None
        self._doubt: _Doubt | None = None
        self._told_at: Millis | None = None
        self._began = Millis(0)
        self._slack = 0
        """By how much this run's start lies after the last event of the run before."""
        self._behind = 0
        self._steps = 0
        self._glitches = 0
        self._last_step = 0

    def resume(self, seq: int, ts: int) -> None:
        """A run begins with what an earlier one has left, which got as far as event `seq` at `ts`."""
        self._clock.resume(ts)
        self._began = self._clock.now()
        gap = self._began - ts
        self._slack = max(0, gap)
        if not seq:
            return
        self._behind = max(0, -gap)
        if self._behind > STEP_MS:
            log.warning("this machine's clock is %s behind the last event; the times in the state move back", say(gap))
        self._publish(ClockResumed(gap_ms=gap))

    def start(self) -> None:
        """Watch from now on."""
        self._task = asyncio.create_task(self._watch(), name="kernel: clock")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    async def _watch(self) -> None:
        while True:
            await self._clock.next_look()
            try:
                self.look()
            except CONTAINED as error:  # whatever it was, the clock must be looked at again
                if isinstance(error, asyncio.CancelledError) and being_cancelled():
                    raise
                log.error("the machine's clock was not looked at", exc_info=error)

    def look(self) -> None:
        """Compare the two clocks once."""
        offset = self._clock.offset()
        if abs(offset) <= STEP_MS:
            if self._doubt is not None:
                self._dismiss(self._doubt)
            return
        self._clock.doubt()
        doubt = self._doubt
        if doubt is None:
            self._doubt = _Doubt(offset, self._clock.elapsed())
            log.warning("the machine's clock is %s all at once; it is followed if it stays there", _against(offset))
        elif abs(offset - doubt.offset) > SAME_MS:
            doubt.place_at(offset)
            if not doubt.told and self._clock.elapsed() - doubt.since > RESTLESS_MS:
                doubt.told = True
                self._tell(f"The machine's clock finds no place: it is {_against(offset)} now. It is not followed.")
        else:
            doubt.looks += 1
            if doubt.looks >= LOOKS:
                self._follow(offset)

    def _dismiss(self, doubt: _Doubt) -> None:
        """It was wrong for a moment, and nothing has moved."""
        self._doubt = None
        self._glitches += 1
        was = f"{_against(doubt.most)} for {say(self._clock.elapsed() - doubt.since)}"
        self._tell(f"The machine's clock was {was}, and is right again: nothing went by it.")

    def _follow(self, by: int) -> None:
        """The machine's clock stays where it is: go there.

        What is older than this run moves by less where the step is back: as far as this run began later than the last
        event of the one before, the step may be what puts a wrong start right, and older times are right as they are.
        """
        self._doubt = None
        self._steps += 1
        self._last_step = by
        taken_up = min(self._slack, max(0, -by))
        self._slack -= taken_up
        event = ClockStepped(by_ms=by, earlier_by_ms=by + taken_up, run_began=self._began)
        self._clock.step(by)
        self._began = Millis(self._began + by)
        log.warning("the machine's clock stays %s: the system's follows, and so do the times in the state", say(by))
        self._publish(event)

    def _tell(self, text: str) -> None:
        log.warning("%s", text)
        now = self._clock.elapsed()
        if self._told_at is None or now - self._told_at >= TOLD_AGAIN_MS:
            self._told_at = now
            self._publish(ErrorLogged(source="kernel", message=text))

    def health(self) -> Health:
        """Never a reason not to be ready: while the machine's clock is in doubt, the system's goes on."""
        told = []
        if self._doubt is not None:
            told.append(f"the machine's clock is {_against(self._doubt.offset)}; it is followed if it stays there")
        if self._steps:
            told.append(
                f"steps of the machine's clock followed in this run: {self._steps}, last by {say(self._last_step)}"
            )
        if self._behind > STEP_MS:
            told.append(
                f"at the start this machine's clock was {say(self._behind)} behind the last event, "
                "so the times in the state were moved back"
            )
        return Health(NAME, ok=True, detail="; ".join(told))

    def measures(self) -> tuple[Measure, ...]:
        offset = self._clock.offset() / 1_000
        return (
            Measure.gauge("clock_offset_seconds", "By how much the machine's clock is ahead of the system's.", offset),
            Measure.counter("clock_steps_total", "Steps of the machine's clock that were followed.", self._steps),
            Measure.counter("clock_glitches_total", "Times that it was far off, and right again.", self._glitches),
        )


def say(span: int) -> str:
    """A span in words: `1 d 2 h`, `-5 s`."""
    rest, words = abs(span), []
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        number, rest = divmod(rest, unit)
        if number:
            words.append(f"{number} {name}")
    return ("-" if span < 0 else "") + (" ".join(words[:2]) or "0 s")


def _against(offset: int) -> str:
    return f"{say(abs(offset))} {'ahead of' if offset > 0 else 'behind'} the system's"
