"""A person is forgotten while the system runs, and the process is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kernel.codec import decode_envelopes
from kernel.commands import ForgetPlayer
from kernel.ids import SteamId64
from kernel.segments import Segments
from kernel.testing import World
from plugins.contact_policy.forgetting import UNDER_WAY
from plugins.history import History
from plugins.journal import Journal
from plugins.journal.verification import verify
from tests.kills.journals import DEADLINE_S, SMALL, expect_tidy, settled
from tests.plugins.history.remains import PLUGINS, WORDS, Past, traces

STEPS_AT_LEAST: Final = 15
PLAYER: Final = SteamId64("76561198000900001")


def prepare(folder: Path) -> None:
    asyncio.run(_happen(folder))


async def _happen(folder: Path) -> None:
    async with World(*PLUGINS, data=folder, config=SMALL) as world:
        it = Past(world)
        it.bot = world.add_bot()
        for _ in range(12):
            it.mention(PLAYER)
        it.leave_words(PLAYER)
        it.mention(PLAYER)
        world.plugin(Journal).rotate()
        await world.plugin(History).caught_up()


def work(folder: Path, tell: Callable[[int], object]) -> None:
    asyncio.run(_forget(folder, tell))


async def _forget(folder: Path, tell: Callable[[int], object]) -> None:
    async with World(*PLUGINS, data=folder, config=SMALL) as world:
        await world.execute(ForgetPlayer(player=PLAYER))
        tell(1)


def check(folder: Path, told: int) -> None:
    begun = told or (folder / "contact_policy" / UNDER_WAY).exists()
    asyncio.run(_gone_on(folder))
    left = traces(folder, (PLAYER, *WORDS))
    done = not left
    assert done or not begun, f"left: {left}"
    seqs = [e.seq for chunk in Segments(folder / "journal").lines() for e in decode_envelopes(chunk)]
    assert seqs == list(range(1, len(seqs) + 1)), "events are lost or doubled"
    assert not [finding.text for finding in verify(folder) if finding.is_fault]
    expect_tidy(folder)
    for path in (folder / "journal").glob("snapshot-*"):
        path.unlink()
    asyncio.run(_gone_on(folder))  # from the events alone


async def _gone_on(folder: Path) -> None:
    """A start goes on with what was broken off."""
    async with World(*PLUGINS, data=folder, config=SMALL) as world, asyncio.timeout(DEADLINE_S):
        while (folder / "contact_policy" / UNDER_WAY).exists():  # noqa: ASYNC110 - threads' work
            await asyncio.sleep(0.005)
        await world.plugin(History).caught_up()
    await settled(folder)
