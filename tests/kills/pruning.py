"""Segments are pruned, and moved away, and the process is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from kernel.codec import decode_envelopes
from kernel.segments import Segments
from kernel.testing import World
from plugins.journal import Journal
from plugins.journal.pruning import prune
from plugins.journal.sealing import digest_of
from plugins.journal.verification import verify
from tests.histories import history
from tests.kills.journals import SMALL, expect_tidy, manifest_of, settled

STEPS_AT_LEAST: Final = 8
BEFORE: Final = 300


def prepare(folder: Path) -> None:
    asyncio.run(_happen(folder))
    asyncio.run(settled(folder))


async def _happen(folder: Path) -> None:
    async with World(Journal, data=folder, config=SMALL) as world:
        for number, envelope in enumerate(history(Random(9), 500)):
            world.ctx.publish(envelope.payload, actor=envelope.actor)
            if number % 20 == 19:
                await world.ctx.committed()


def work(folder: Path, tell: Callable[[int], object]) -> None:
    before = manifest_of(folder).segments
    prune(folder, str(BEFORE), folder / "away", lambda _: None, really=True)
    tell(next(one.first for one in before if one.last >= BEFORE) - 1)


def check(folder: Path, told: int) -> None:
    wanted = manifest_of(folder.parent / "prepared").segments
    asyncio.run(settled(folder))
    manifest = manifest_of(folder)
    last = max(one.last for one in wanted if one.last < BEFORE)
    assert manifest.before in ((last,) if told else (0, last)), f"pruned up to {manifest.before}"
    for one in wanted:
        if one.is_sealed and one.last < BEFORE:
            places = [path for path in (folder / "journal" / one.name, folder / "away" / one.name) if path.exists()]
            assert len(places) == 1, f"{one.name} is in {len(places)} places"
            assert digest_of(places[0]) == (one.packed, one.sha256)
    lines = b"".join(Segments(folder / "journal").lines(manifest.before))
    seqs = [envelope.seq for envelope in decode_envelopes(lines)]
    assert seqs == list(range(manifest.before + 1, manifest.before + 1 + len(seqs)))
    assert not [finding.text for finding in verify(folder) if finding.is_fault]
    expect_tidy(folder)
