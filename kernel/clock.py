"""Time as an argument; `machine_clock` is the one place that asks the machine what time it is.

There are two kinds of time. A *moment* (`now`) is UTC: it stamps what happens, and the state's spans are counted from
such stamps. What has *elapsed* in this run is monotonic, and goes on through every change of the machine's clock: what
a plugin remembers in memory alone, and waits for, goes by it. `kernel.discipline` keeps the two in line.
"""

from __future__ import annotations

from typing import Final, NewType, Protocol

Millis = NewType("Millis", int)
"""UTC milliseconds since the epoch, or a span of milliseconds."""

SECOND = Millis(1_000)
MINUTE = Millis(60_000)
HOUR = Millis(3_600_000)
DAY = Millis(86_400_000)


class Clock(Protocol):
    """What plugins know of time. Deadlines of sockets are the event loop's, not this clock's."""

    @property
    def rate(self) -> float:
        """Milliseconds of this clock in a millisecond of the wall's; 1 outside demonstrations."""
        ...

    def now(self) -> Millis:
        """The present moment. It goes back, or jumps ahead, only with the event `clock.stepped`."""
        ...

    def elapsed(self) -> Millis:
        """How long this run has lasted, by a clock that nobody sets; a suspended machine's sleep counts."""
        ...

    def steady(self) -> Millis:
        """For how long `now` has been beyond doubt: since the start, or since the last step, made or suspected."""
        ...

    async def sleep(self, span: int) -> None:
        """Come back when `span` milliseconds have elapsed."""
        ...


class AdjustableClock(Clock, Protocol):
    """The same clock as `kernel.discipline` keeps it in line with the machine's; nobody else calls these."""

    def resume(self, latest: int) -> None:
        """A run begins; an earlier one got as far as `latest`. A clock that is not the wall's goes on from there."""
        ...

    def offset(self) -> int:
        """By how many milliseconds the machine's clock is ahead of `now`; 0 for a clock that does not follow it."""
        ...

    async def next_look(self) -> None:
        """Come back when the machine's clock is to be looked at again."""
        ...

    def step(self, by: int) -> None:
        """Jump, ahead or back. `elapsed` and those who sleep do not notice."""
        ...

    def doubt(self) -> None:
        """`steady` counts from here."""
        ...


def run_began(clock: Clock) -> Millis:
    """The moment at which this run began, by the clock as it is now."""
    return Millis(clock.now() - clock.elapsed())


def due_at(clock: Clock, moment: int) -> Millis:
    """When that moment comes, by `elapsed`: for what waits for it in memory, where a step would leave it behind."""
    return Millis(clock.elapsed() + moment - clock.now())


SURE: Final = HOUR


def sure_at(clock: Clock, due: int, span: int) -> Millis:
    """When to do what cannot be taken back and is due at `due`, `span` milliseconds after something in the state.

    That is `due`, but not before the span, or an hour of it, has passed since the clock was last in doubt: whatever a
    wrong clock makes seem due, at a start or after a step, has that long to be put right.
    """
    return Millis(max(due, clock.now() + min(span, SURE) - clock.steady()))
