"""Old segments give way to the state behind them: never silently, and never more than is kept elsewhere."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernel.codec import decode_envelopes
from kernel.events import ClockStepped
from kernel.segments import EventsUnreadable, Segments
from kernel.testing import World
from plugins.journal import Journal, pruning
from plugins.journal.verification import verify
from tests.plugins.journal.folders import Folder
from tests.plugins.journal.test_faults import files, refusal, state_of
from tests.plugins.journal.test_journal import until
from tests.plugins.journal.test_repair import journal
from tests.plugins.journal.test_segments import (
    DAY,
    SMALL,
    copied_before_each_step,
    is_sealed,
    manifest_of,
    more,
    seal,
    sealed_folder,
    whole,
)

DONE: dict[str, Path] = {}


@pytest.fixture
async def data(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of several sealed segments; its own copy for each test."""
    if "folder" not in DONE:
        DONE["folder"] = tmp_path_factory.mktemp("sealed")
        await sealed_folder(DONE["folder"])
    return Path(shutil.copytree(DONE["folder"], tmp_path / "data"))


async def test_a_dry_run_says_what_would_go_and_changes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, second = files(data), manifest_of(data).segments[1]

    assert await journal("prune", "--data", data, "--before", second.last + 1) == 0

    out = capsys.readouterr().out
    assert f"Events 1 to {second.last} (2 segments, " in out
    assert "There is no archive of this folder" in out
    assert "Nothing was changed. Add --yes to do it." in out
    assert files(data) == before


@pytest.mark.parametrize("moved", [True, False], ids=["moved", "removed"])
@pytest.mark.parametrize("snapshots", [True, False], ids=["snapshots", "no snapshot"])
async def test_what_was_pruned_is_gone_and_the_state_is_as_it_was(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], moved: bool, snapshots: bool
) -> None:
    content, state = whole(data), await state_of(data)
    gone = manifest_of(data).segments[:2]
    packed = [(data / "journal" / one.name).read_bytes() for one in gone]
    away = tmp_path / "away"

    where = ["--move-to", away] if moved else []
    assert await journal("prune", "--data", data, "--before", gone[-1].last + 1, *where, "--yes") == 0

    assert "It is done." in capsys.readouterr().out
    assert not [one for one in gone if (data / "journal" / one.name).exists()]
    if moved:
        assert [(away / one.name).read_bytes() for one in gone] == packed
    if not snapshots:
        for _, path in Folder(data / "journal").snapshots.found():
            path.unlink()
    assert not [finding.text for finding in verify(data) if finding.is_fault]
    assert await state_of(data) == state
    segments = Segments(data / "journal")
    kept = b"".join(segments.lines(gone[-1].last))
    assert (kept.splitlines()[:200]) == content.splitlines()[gone[-1].last :][:200]
    with pytest.raises(EventsUnreadable, match=rf"the events up to {gone[-1].last} were pruned, and event 1 is one"):
        list(segments.lines())
    assert await journal("segments", "--data", data) == 0
    assert f"base-{gone[-1].last:012}.ndjson.zst  the state at event {gone[-1].last}" in capsys.readouterr().out
    assert await journal("prune", "--data", data, "--before", manifest_of(data).segments[0].last + 1, "--yes") == 0
    assert len([*(data / "journal").glob("base-*")]) == 1, "the base of before is still there"
    assert await state_of(data) == state


async def test_a_date_is_a_utc_day_and_nonsense_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = max(one.last_ts for one in manifest_of(data).segments)
    day = datetime.fromtimestamp(last / 1_000, UTC).date().isoformat()
    after = datetime.fromtimestamp((last + 2 * DAY) / 1_000, UTC).date().isoformat()

    assert await journal("prune", "--data", data, "--before", "2001-01-01") == 0
    assert "There is nothing to prune before 2001-01-01." in capsys.readouterr().out
    assert await journal("prune", "--data", data, "--before", after) == 0
    assert f"({len(manifest_of(data).segments)} segments" in capsys.readouterr().out
    assert await journal("prune", "--data", data, "--before", "yesterday") == 1
    assert "give a date such as 2026-01-31 (UTC) or the number of an event" in capsys.readouterr().err
    assert day <= after


async def test_only_the_beginning_goes_where_the_clock_was_set_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with World(Journal, data=tmp_path, config=SMALL) as world:
        for shift in (0, 3 * DAY, -3 * DAY, 0):
            if shift:
                world.ctx.publish(ClockStepped(by_ms=shift, earlier_by_ms=shift, run_began=world.clock.now()))
            await more(world, 20)
            await seal(world)
    first, ahead, *behind = manifest_of(tmp_path).segments
    assert ahead.last_ts > max(one.last_ts for one in (first, *behind)) + DAY
    content, state = whole(tmp_path), await state_of(tmp_path)
    day = datetime.fromtimestamp((first.last_ts + DAY) / 1_000, UTC).date().isoformat()

    assert await journal("prune", "--data", tmp_path, "--before", day, "--yes") == 0

    out = capsys.readouterr().out
    assert f"Events 1 to {first.last} (1 segments, " in out
    assert f"{len(behind)} more stay, as events {ahead.first} to {ahead.last} in front of them end on 2026-01-04" in out
    assert manifest_of(tmp_path).segments[:3] == (ahead, *behind)
    assert not [finding.text for finding in verify(tmp_path) if finding.is_fault]
    assert await state_of(tmp_path) == state
    kept = b"".join(Segments(tmp_path / "journal").lines(first.last))
    assert kept.startswith(b"".join(content.splitlines(keepends=True)[first.last :]))


async def test_only_what_a_good_snapshot_and_the_archive_have_goes(data: Path) -> None:
    segments = manifest_of(data).segments
    end = str(segments[-1].last + 1)

    archived = pruning.prune(data, end, None, lambda _: segments[1].last + 3, really=False)
    assert list(archived.segments) == list(segments[:2])
    assert f"{len(segments) - 2} more stay, as the archive has {segments[1].last + 3}." in archived.said
    for _, path in Folder(data / "journal").snapshots.found():
        path.write_bytes(path.read_bytes()[:-9])
    none = pruning.prune(data, end, None, lambda _: None, really=True)

    assert not none.segments
    assert "as the newest good snapshot stands at event 0." in none.said[0]


async def test_a_missing_base_is_refused(data: Path) -> None:
    assert await journal("prune", "--data", data, "--before", manifest_of(data).segments[1].last + 1, "--yes") == 0
    [base] = (data / "journal").glob("base-*")
    base.unlink()

    assert f"{base}: is missing, and the state at event {manifest_of(data).before} with it" in await refusal(data)


async def test_a_start_goes_on_from_each_step_of_a_prune(data: Path, tmp_path: Path) -> None:
    state, content = await state_of(data), whole(data)
    last = manifest_of(data).segments[1].last
    (tmp_path / "copies").mkdir()
    with copied_before_each_step(data / "journal", tmp_path / "copies") as copies:
        await asyncio.to_thread(pruning.prune, data, str(last + 1), None, lambda _: None, really=True)
    assert len(copies) >= 4

    for copy in copies:
        async with World(Journal, data=copy, config=SMALL):
            await until(lambda: is_sealed(copy) and not manifest_of(copy).pruned)  # noqa: B023 - at once
        before = manifest_of(copy).before
        assert before in (0, last)
        names = {path.name for path in (copy / "journal").glob("*-*.zst") if not path.name.startswith("snapshot")}
        base = manifest_of(copy).base
        await until(lambda: True)
        assert names == {one.name for one in manifest_of(copy).segments} | ({base.name} if base is not None else set())
        there = b"".join(Segments(copy / "journal").lines(before))
        seqs = [e.seq for e in decode_envelopes(there)]
        assert seqs == list(range(before + 1, before + 1 + len(seqs)))
        assert content.splitlines()[before : before + 50] == there.splitlines()[:50]
        assert await state_of(copy) == state
