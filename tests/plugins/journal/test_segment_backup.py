"""Backups of a journal in segments: in one file, or each segment copied once beside many."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from kernel.__main__ import main
from kernel.testing import World
from plugins.journal import Journal, backup
from plugins.journal.errors import BackupUnusable
from plugins.journal.segment_store import SegmentStore
from plugins.journal.verification import verify
from tests.plugins.journal.folders import Folder, contents
from tests.plugins.journal.test_faults import flip, state_of
from tests.plugins.journal.test_journal import until
from tests.plugins.journal.test_repair import journal
from tests.plugins.journal.test_segments import (
    EVENTS,
    SMALL,
    is_sealed,
    live,
    manifest_of,
    more,
    seal,
    sealed_folder,
    whole,
)


async def test_backups_taken_while_segments_are_sealed_are_each_the_journal_at_its_seq(tmp_path: Path) -> None:
    data, into = tmp_path / "data", tmp_path / "backups"
    files: list[Path] = []
    async with World(Journal, data=data, config=SMALL) as world:
        for start in range(0, len(EVENTS), 100):
            happening = asyncio.ensure_future(live(world, EVENTS[start : start + 100]))
            files.append(tmp_path / f"{start}.tar.zst")
            await asyncio.to_thread(backup.take, data, files[-1])
            path, _ = await asyncio.to_thread(backup.take_into, data, into)
            files.append(path)
            await happening
        await until(lambda: is_sealed(data))
    content = whole(data)

    for number, file in enumerate(dict.fromkeys(files)):
        again = tmp_path / f"again-{number}"
        taken = backup.bring_back(file, again)
        assert not [finding.text for finding in verify(again) if finding.is_fault], file
        async with World(Journal, data=again, config=SMALL) as world:
            assert world.events[0].seq == taken.seq + 1
            await until(lambda: is_sealed(again))  # noqa: B023 - it is waited for at once
        kept = b"".join(whole(again).splitlines(keepends=True)[: taken.seq])
        assert content.startswith(kept)


async def test_a_segment_is_copied_once_however_many_backups_need_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, into = tmp_path / "data", tmp_path / "backups"
    await sealed_folder(data)
    assert await command("backup", "--data", data, "--into", into) == 0
    stored = sorted((into / "segments").iterdir())
    stamps = [path.stat().st_mtime_ns for path in stored]
    assert sorted(path.name for path in stored) == sorted(f"{s.sha256}.ndjson.zst" for s in manifest_of(data).segments)
    async with World(Journal, data=data, config=SMALL) as world:
        await more(world, 200)
        await seal(world)
    assert await command("backup", "--data", data, "--into", into) == 0

    assert [path.stat().st_mtime_ns for path in stored] == stamps
    assert len(list((into / "segments").iterdir())) == len(manifest_of(data).segments) > len(stored)
    first, second = sorted(into.glob("backup-*.tar.zst"))
    assert second.stat().st_size < sum(path.stat().st_size for path in stored), "it holds the segments again"
    assert f"{second}: " in capsys.readouterr().out
    before = await state_of(data)
    assert await command("restore", second, "--data", tmp_path / "again") == 0
    assert await state_of(tmp_path / "again") == before
    assert backup.bring_back(first, tmp_path / "earlier").seq < world.state.seq
    assert {path.stat().st_mode & 0o777 for path in into.rglob("*") if path.is_file()} == {0o600}


@pytest.mark.parametrize("fault", ["missing", "damaged", "moved"])
async def test_a_backup_whose_segments_are_not_beside_it_is_refused_and_leaves_nothing(
    tmp_path: Path, fault: str
) -> None:
    data, into = tmp_path / "data", tmp_path / "backups"
    await sealed_folder(data)
    archive, _ = backup.take_into(data, into)
    stored = SegmentStore(into).path(manifest_of(data).segments[1])
    if fault == "moved":
        archive = Path(shutil.move(archive, tmp_path / "alone.tar.zst"))
    elif fault == "missing":
        stored.unlink()
    else:
        flip(stored, 99)

    with pytest.raises(BackupUnusable, match=r"is missing, which has events|is damaged \(events"):
        backup.bring_back(archive, tmp_path / "again")

    assert not (tmp_path / "again").exists()
    assert not (tmp_path / ".again.restoring").exists()


async def test_a_restored_backup_has_rows_as_the_folder_had(tmp_path: Path) -> None:
    data = tmp_path / "data"
    world = await sealed_folder(data)
    backup.take(data, tmp_path / "backup.tar.zst")
    backup.bring_back(tmp_path / "backup.tar.zst", tmp_path / "again")
    for _, path in Folder(tmp_path / "again" / "journal").snapshots.found():
        path.unlink()

    rows = contents(await Folder(tmp_path / "again" / "journal").recover())

    assert rows["chats"] == contents(world.state)["chats"]
    assert await journal("verify", "--data", tmp_path / "again") == 0


async def command(*arguments: object) -> int:
    """Its exit status."""
    return await asyncio.to_thread(main, list(map(str, arguments)))
