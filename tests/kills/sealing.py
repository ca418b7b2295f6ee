"""Segments are sealed while events are written, and the process is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kernel.codec import decode_envelopes
from kernel.events import ErrorLogged
from kernel.segments import Segments
from kernel.testing import World
from plugins.journal import Journal
from plugins.journal.verification import verify
from tests.kills.journals import SMALL, expect_tidy, settled

STEPS_AT_LEAST: Final = 20
EVENTS: Final = 200


def prepare(folder: Path) -> None:
    asyncio.run(_happen(folder, 60, lambda _: None))


def work(folder: Path, tell: Callable[[int], object]) -> None:
    asyncio.run(_happen(folder, EVENTS, tell))


async def _happen(folder: Path, events: int, tell: Callable[[int], object]) -> None:
    async with World(Journal, data=folder, config=SMALL) as world:
        for number in range(events):
            world.ctx.publish(ErrorLogged(source="test", message=f"number {number} " * 10))
            if number % 10 == 9:
                await world.ctx.committed()
                tell(world.state.seq)
                await asyncio.sleep(0.001)  # so that the thread that seals is in the midst of it, too


def check(folder: Path, told: int) -> None:
    began = asyncio.run(settled(folder))
    assert began > told, f"{told - began + 1} events that were promised are gone"
    seqs = [e.seq for chunk in Segments(folder / "journal").lines() for e in decode_envelopes(chunk)]
    assert seqs == list(range(1, len(seqs) + 1)), "events are lost or doubled"
    assert not [finding.text for finding in verify(folder) if finding.is_fault]
    expect_tidy(folder)
