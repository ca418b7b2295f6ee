"""SIGKILL at any moment under load, and at the moments that matter most."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from plugins.steam_sim.record import Asked, ClientChannel, Request
from tests.chaos.checks import Report
from tests.chaos.ground import Ground

POLL_S = 0.001
FEW = 4
INVITES_S = 120.0


async def kills(
    ground: Ground, times: int, longest_s: float = 6.0, *, patient: bool = True, invites: int = 0
) -> Report:
    """Kill it so many times, let everything settle, and judge. `longest_s`: of a run in peace before its kill.

    `patient`: some kills wait for invites, which after a start take their minute. `invites`: so many are to have left
    before the load ends, however slow the machine is.
    """
    hit: Counter[str] = Counter()
    await ground.begin()
    async with ground.load.running():
        for number in range(times):
            moment = while_inviting if patient and number % 15 == 14 else MOMENTS[number % len(MOMENTS)]
            reached = await moment(ground, longest_s)
            name = moment.__name__.replace("_", " ")
            hit[f"kills {name}" if reached else f"kills that missed: {name}"] += 1
            await ground.product.kill()
            ground.compare_disk_and_steam()
            ground.tell(f"kill {number + 1} of {times}; {ground.progress()}")
        await ground.product.start()
        await _polled(lambda: _invites(ground.steam.lines()) >= invites, INVITES_S, every_s=0.2)
    await ground.settle()
    report = await ground.judge()
    report.counts |= {"kills": times, **hit}
    return report


async def peace(ground: Ground, seconds: float) -> Report:
    """No kill and no fault: what is broken by itself is seen here."""
    await ground.begin()
    async with ground.load.running():
        await asyncio.sleep(seconds)
    await ground.settle()
    return await ground.judge()


async def under_load(ground: Ground, longest_s: float) -> bool:
    """At a random moment of a run."""
    await _running(ground)
    await asyncio.sleep(ground.random.uniform(0.05, 1) * longest_s)
    return True


async def while_starting(ground: Ground, longest_s: float) -> bool:
    """At a random moment between the launch and the first answer."""
    await _down(ground)
    child = ground.product.launch()
    with suppress(TimeoutError):
        await child.ended(ground.random.uniform(0.02, 1) * max(0.3, ground.product.slowest_start * 0.8))
    return True


async def while_recovering(ground: Ground, longest_s: float) -> bool:
    """As soon as it reads its journal, or a little later."""
    await _down(ground)
    child = ground.product.launch()
    opened = await _polled(lambda: _has_open(child.pid, ground.product.journal), 20)
    await asyncio.sleep(ground.random.uniform(0, 0.1))
    return opened


async def while_writing_a_snapshot(ground: Ground, longest_s: float) -> bool:
    """While there is an unfinished snapshot."""
    await _running(ground)
    await asyncio.sleep(ground.random.uniform(0.1, 0.5) * longest_s)
    folder = ground.product.journal.parent
    return await _polled(lambda: any(folder.glob("snapshot-*.tmp")), longest_s)


async def between_taking_and_answer(ground: Ground, longest_s: float) -> bool:
    """Steam has taken requests and done what they want; their answers are on the way and never arrive."""
    await _running(ground)
    await asyncio.sleep(ground.random.uniform(0.1, 0.5) * longest_s)
    before = len(ground.steam.lines())
    await ground.steam.fault_on("late_answers", delay_ms=60_000)
    taken = await _polled(lambda: any(isinstance(line, Asked) for line in ground.steam.lines()[before:]), longest_s)
    await asyncio.sleep(ground.random.uniform(0, 0.3))
    await ground.product.kill()
    await ground.steam.faults_off("late_answers")
    return taken


async def while_ending(ground: Ground, longest_s: float) -> bool:
    """A moment after SIGTERM."""
    await _running(ground)
    await asyncio.sleep(ground.random.uniform(0.05, 0.5) * longest_s)
    assert ground.product.child is not None
    ground.product.child.signal(signal.SIGTERM)
    with suppress(TimeoutError):
        await ground.product.child.ended(ground.random.uniform(0.01, 0.5))
    return True


async def while_inviting(ground: Ground, longest_s: float) -> bool:
    """As soon as a few invites have come to Steam, or a little later: others are under way."""
    await _running(ground)
    before = len(ground.steam.lines())
    asked = await _polled(lambda: _has_invited(ground, before), 90)
    await asyncio.sleep(ground.random.uniform(0, 0.2))
    return asked


async def while_steam_does_not_read(ground: Ground, longest_s: float) -> bool:
    """What was written lies in Steam's buffers over the kill, and is read when the next run has answered commands."""
    await _running(ground)
    await asyncio.sleep(ground.random.uniform(0.1, 0.5) * longest_s)
    before = len(ground.steam.lines())
    ground.steam.child.signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(ground.random.uniform(0.1, 0.4))
        await ground.product.kill()
        await ground.product.start()
        await asyncio.sleep(1)
    finally:
        ground.steam.child.signal(signal.SIGCONT)
    return await _polled(lambda: any(isinstance(line, Asked) for line in ground.steam.lines()[before:]), 5)


MOMENTS: tuple[Callable[[Ground, float], Awaitable[bool]], ...] = (
    under_load,
    under_load,
    while_starting,
    while_recovering,
    while_writing_a_snapshot,
    between_taking_and_answer,
    while_steam_does_not_read,
    while_ending,
)


def _has_invited(ground: Ground, before: int) -> bool:
    return _invites(ground.steam.lines()[before:]) >= FEW


def _invites(lines: list[ClientChannel]) -> int:
    return sum(isinstance(line, Asked) and line.request is Request.ADD_FRIEND for line in lines)


async def _running(ground: Ground) -> None:
    if ground.product.child is None:
        await ground.product.start()


async def _down(ground: Ground) -> None:
    if ground.product.child is not None:
        await ground.product.kill()


async def _polled(reached: Callable[[], bool], deadline: float, every_s: float = POLL_S) -> bool:
    """Whether it came to that in time; looked at often where the moment is short."""
    with suppress(TimeoutError):
        async with asyncio.timeout(deadline):
            while not reached():
                await asyncio.sleep(every_s)
            return True
    return False


def _has_open(pid: int, path: Path) -> bool:
    with suppress(OSError):
        return any(entry.exists() and entry.samefile(path) for entry in Path(f"/proc/{pid}/fd").iterdir())
    return False
