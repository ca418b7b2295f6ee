"""What several scenarios ask of a journal's folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from kernel import manifest as manifests
from kernel.manifest import JournalManifest
from kernel.testing import World
from plugins.journal import Journal

SMALL: Final = {"journal": {"segment_mib": 0.01, "segment_daily": False}}
DEADLINE_S: Final = 60


def manifest_of(folder: Path) -> JournalManifest:
    found = manifests.read(folder / "journal")
    assert found is not None, "there is no manifest"
    return found


async def settled(folder: Path) -> int:
    """Start on the folder, and wait until it has gone on with all that was broken off. The first event of that run."""
    async with World(Journal, data=folder, config=SMALL) as world:
        async with asyncio.timeout(DEADLINE_S):
            while not _is_settled(folder):  # noqa: ASYNC110 - a thread's work has no event of its own here
                await asyncio.sleep(0.005)
        return world.events[0].seq


def _is_settled(folder: Path) -> bool:
    manifest = manifest_of(folder)
    plain = [one for one in manifest.segments if one.is_sealed and (folder / "journal" / one.plain_name).exists()]
    return not manifest.pruned and all(one.is_sealed for one in manifest.segments) and not plain


def expect_tidy(folder: Path) -> None:
    """Each event is in one file, and there is no file that nothing names."""
    manifest = manifest_of(folder)
    named = {one.name for one in manifest.segments} | ({manifest.base.name} if manifest.base is not None else set())
    there = {path.name for kind in ("events-*", "base-*", "*.tmp") for path in (folder / "journal").glob(kind)}
    assert there == named, f"there are {sorted(there - named)} and lacking {sorted(named - there)}"
