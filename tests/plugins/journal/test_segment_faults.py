"""The table of faults in the journal's README, as far as it is about segments and the manifest."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from kernel import manifest as manifests
from kernel.codec import decode_envelopes
from kernel.errors import CommitFailed
from kernel.manifest import JournalManifest, Segment
from kernel.segments import EventsUnreadable, Segments
from kernel.testing import World
from plugins.journal import Journal, backup, rotation, segment_checks
from plugins.journal.appender import Appender
from plugins.journal.errors import BackupUnusable
from plugins.journal.snapshots import Snapshots
from tests.plugins.journal.folders import Folder
from tests.plugins.journal.test_faults import files, flip, refusal, state_of
from tests.plugins.journal.test_journal import until
from tests.plugins.journal.test_repair import journal
from tests.plugins.journal.test_segments import EVENTS, SMALL, is_sealed, live, manifest_of, seal, sealed_folder, whole

DONE: dict[str, Path] = {}
"""The folder that the tests begin with; made once."""


@pytest.fixture
async def data(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of several sealed segments, its two snapshots and a live file; its own copy for each test."""
    if "folder" not in DONE:
        DONE["folder"] = tmp_path_factory.mktemp("sealed")
        await sealed_folder(DONE["folder"])
    return Path(shutil.copytree(DONE["folder"], tmp_path / "data"))


def rewritten(data: Path, how: Callable[[JournalManifest], JournalManifest]) -> None:
    """A manifest with a good checksum that says something else."""
    (data / "journal" / manifests.FILE).write_bytes(manifests.encode(how(manifest_of(data))))


def without_snapshots(data: Path) -> None:
    for _, path in Snapshots(data / "journal").found():
        path.unlink()


async def mends(data: Path, *more: object) -> str:
    """That `repair` makes the folder what it was."""
    before = whole(DONE["folder"])
    assert await journal("repair", "--data", data, *more, "--yes") == 0
    async with World(Journal, data=data, config=SMALL):
        await until(lambda: is_sealed(data))
    there = whole(data)
    assert there.startswith(before)
    return str(await state_of(data))


async def test_a_missing_manifest_is_refused_and_a_repair_makes_it_anew(data: Path) -> None:
    (data / "journal" / manifests.FILE).unlink()

    said = await refusal(data)

    assert "manifest.json: is missing, so nobody can say of which files the journal consists" in said
    assert f"switchboard journal repair --data {data}" in said
    await mends(data)


async def test_a_damaged_manifest_is_refused_and_a_repair_makes_it_anew(data: Path) -> None:
    flip(data / "journal" / manifests.FILE, 100, 1)

    assert "manifest.json: is damaged: its checksum is another" in await refusal(data)
    with pytest.raises(EventsUnreadable, match=r"manifest\.json: is damaged"):
        list(Segments(data / "journal").lines())
    with pytest.raises(BackupUnusable, match=r"manifest\.json: is damaged"):
        backup.take(data, data.with_name("backup.tar.zst"))
    await mends(data)


async def test_a_manifest_of_another_folder_is_refused(data: Path, tmp_path: Path) -> None:
    rewritten(data, lambda found: msgspec.structs.replace(found, identity="0" * 32))

    assert "manifest.json names another data folder (00000000000000000000000000000000)" in await refusal(data)


async def test_a_missing_segment_is_refused_and_taken_from_a_backup(data: Path, tmp_path: Path) -> None:
    backup.take(data, tmp_path / "backup.tar.zst")
    gone = manifest_of(data).segments[1]
    (data / "journal" / gone.name).unlink()

    said = await refusal(data)

    assert f"{gone.name}: is missing, and events {gone.first} to {gone.last} with it" in said
    assert await journal("repair", "--data", data) == 1
    await mends(data, "--from", tmp_path / "backup.tar.zst")


async def test_a_segment_that_was_shortened_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment = manifest_of(data).segments[2]
    path = data / "journal" / segment.name
    os.truncate(path, path.stat().st_size - 7)

    said = await refusal(data)

    assert f"{segment.name}: is {path.stat().st_size} bytes long and should be {segment.packed}" in said
    assert await journal("verify", "--data", data) == 1
    assert f"WRONG: {path} (the table" in capsys.readouterr().out.replace("it has no table", "the table")


async def test_a_segment_with_a_flipped_bit_is_refused_with_its_frame(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup.take_into(data, tmp_path / "backups")
    segment = manifest_of(data).segments[0]
    path = data / "journal" / segment.name
    flip(path, 300)

    said = await refusal(data)

    assert f"{path} (frame 1, bytes 0 to " in said
    assert f"events {segment.first} to {segment.last}): is not what was written: its SHA-256 is another" in said
    with pytest.raises(EventsUnreadable, match=rf"{segment.name}, frame 1 \(bytes 0 to .*: is damaged"):
        list(Segments(data / "journal").lines())
    with pytest.raises(BackupUnusable, match="is not what was written, so nothing was backed up"):
        backup.take(data, tmp_path / "backup.tar.zst")
    assert await journal("verify", "--data", data) == 1
    assert "1 fault found" in capsys.readouterr().out
    [archive] = (tmp_path / "backups").glob("backup-*")
    await mends(data, "--from", archive)


async def test_a_damaged_segment_that_a_start_does_not_read_is_told_once_it_runs(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(segment_checks, "CHECKED_AT_START", 0)
    segment = manifest_of(data).segments[0]
    flip(data / "journal" / segment.name, 300)

    async with World(Journal, data=data, config=SMALL) as world:
        await until(lambda: f"{segment.name} (frame 1" in caplog.text)
        [health] = [one for one in world.ctx.hooks.health() if one.name == "journal"]

    assert health.ok
    assert segment.name in health.detail
    without_snapshots(data)  # now its events are needed
    assert segment.name in await refusal(data)


async def test_a_segment_that_cannot_be_read_beside_a_start_is_told_and_sealing_goes_on(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(segment_checks, "CHECKED_AT_START", 0)

    def fails(path: Path) -> tuple[int, str]:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr(segment_checks, "digest_of", fails)
    async with World(Journal, data=data, config=SMALL) as world:
        await until(lambda: "cannot be read: Input/output error" in caplog.text)
        await seal(world)


@pytest.mark.parametrize("name", ["events-000000000001.ndjson", "events-000000099999.ndjson.zst", "base-7.ndjson.zst"])
async def test_a_segment_that_the_manifest_does_not_name_is_refused(data: Path, name: str) -> None:
    path = data / "journal" / name
    path.write_bytes(b'{"seq":1}\n')

    said = await refusal(data)

    assert str(path) in said
    assert "is not in manifest.json" in said or "do not hold the same" in said


async def test_both_forms_of_a_segment_are_one_where_they_hold_the_same(data: Path) -> None:
    segment = manifest_of(data).segments[0]
    plain = data / "journal" / segment.plain_name
    plain.write_bytes(b"".join(Segments(data / "journal").lines(0, segment.last)))

    async with World(Journal, data=data, config=SMALL):
        await until(lambda: is_sealed(data))


async def test_both_forms_of_a_segment_that_differ_are_refused(data: Path) -> None:
    segment = manifest_of(data).segments[0]
    plain = data / "journal" / segment.plain_name
    plain.write_bytes(b"".join(Segments(data / "journal").lines(0, segment.last)))
    flip(plain, 200, 1)

    assert f"{plain} and {segment.packed_name}: are both there, and do not hold the same" in await refusal(data)


@pytest.mark.parametrize(("moved", "what"), [(3, "are in no segment"), (-3, "lie in two segments")])
async def test_segments_that_do_not_follow_one_upon_another_are_refused(data: Path, moved: int, what: str) -> None:
    second = manifest_of(data).segments[1]
    path = data / "journal" / second.name
    changed = msgspec.structs.replace(second, first=second.first + moved)
    path.rename(path.with_name(changed.name))

    def shifted(found: JournalManifest) -> JournalManifest:
        segments = tuple(changed if one is found.segments[1] else one for one in found.segments)
        return msgspec.structs.replace(found, segments=segments)

    rewritten(data, shifted)

    first, last = min(second.first, changed.first), max(second.first, changed.first) - 1
    assert f"manifest.json: events {first} to {last} {what}" in await refusal(data)


async def test_a_file_of_events_from_before_the_last_seal_is_refused(data: Path) -> None:
    segment = manifest_of(data).segments[-1]
    events = Folder(data / "journal").events
    events.write_bytes(b"".join(Segments(events.parent).lines(segment.first - 1, segment.last)))

    said = await refusal(data)

    assert f"{events}: begins with event {segment.first}, which is in a segment too: they go up to event" in said


async def test_a_file_of_events_that_begins_too_late_is_refused(data: Path) -> None:
    events = Folder(data / "journal").events
    last = manifest_of(data).last
    lines = events.read_bytes().splitlines(keepends=True)
    events.write_bytes(b"".join(lines[2:]))

    said = await refusal(data)

    assert f"{events}: begins with event {last + 3}, and the segments end with event {last}" in said


async def test_sums_from_before_the_last_seal_are_refused(tmp_path: Path) -> None:
    async with World(Journal, data=tmp_path, config=SMALL) as world:
        await live(world, EVENTS[:80])
        await until(lambda: bool((tmp_path / "journal" / "events.sum").stat().st_size))
        world.plugin(Journal).rotate()
        old = (tmp_path / "journal" / "events.sum").read_bytes()
        await live(world, EVENTS[80:120])
        await until(lambda: is_sealed(tmp_path))
    last = manifest_of(tmp_path).last
    (tmp_path / "journal" / "events.sum").write_bytes(old)

    said = await refusal(tmp_path)

    assert f"manifest.json says that the events up to {last} are in segments, so it is an old one" in said


async def test_an_old_journal_of_segments_under_a_newer_snapshot_is_refused(data: Path) -> None:
    """The whole of it is from a copy, but for the snapshots."""
    folder = data / "journal"
    found = manifest_of(data)
    newest = found.segments[-1]
    (folder / newest.name).unlink()
    (folder / "events.ndjson").write_bytes(b"")
    (folder / "events.sum").unlink()
    rewritten(data, lambda found: msgspec.structs.replace(found, segments=found.segments[:-1]))
    (folder / "layout").write_text("1\n")

    assert "events.ndjson and events.sum: are missing or empty" in await refusal(data)


async def test_a_segment_that_waits_to_be_sealed_and_has_changed_is_refused(data: Path) -> None:
    plain, segment = unsealed(data)
    flip(plain, 200, 1)

    assert f"{plain}: is not what was written (events {segment.first} to {segment.last})" in await refusal(data)


def unsealed(data: Path) -> tuple[Path, Segment]:
    """Let the newest segment be one that waits."""
    newest = manifest_of(data).segments[-1]
    waiting = msgspec.structs.replace(newest, packed=None, sha256=None)
    plain = data / "journal" / waiting.plain_name
    plain.write_bytes(b"".join(Segments(plain.parent).lines(newest.first - 1, newest.last)))
    (data / "journal" / newest.name).unlink()
    rewritten(data, lambda found: msgspec.structs.replace(found, segments=(*found.segments[:-1], waiting)))
    return plain, waiting


async def test_a_segment_that_changes_while_it_waits_is_told_and_stays_as_it_is(
    data: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = unsealed(data)
    monkeypatch.setattr(segment_checks, "fault_of", lambda *_: None)  # it was good when the start looked at it
    flip(plain, 200, 1)

    async with World(Journal, data=data, config=SMALL) as world:
        await until(lambda: "is not what was written, so it is not sealed" in caplog.text)
        await live(world, EVENTS[:5])

    assert plain.exists()
    assert not manifest_of(data).segments[-1].is_sealed


async def test_a_disk_that_takes_no_segment_holds_nothing_up_and_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    full = True
    real = os.open

    def refuses(path: object, flags: int, *rest: int) -> int:
        if full and str(path).endswith(".ndjson.zst.tmp") and "events-" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, flags, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuses)
    async with World(Journal, data=tmp_path, config=SMALL) as world:
        await live(world, EVENTS[:200])
        await until(lambda: "is not sealed: [Errno 28] No space left on device; it is tried again" in caplog.text)
        assert [e.seq for e in decode_envelopes(b"".join(Segments(tmp_path / "journal").lines()))] == list(
            range(1, world.state.seq + 1)
        )
        full = False
        for _ in range(200):  # its thread has to have come back before the clock goes on
            await world.clock.advance(60_000)
            await asyncio.sleep(0.001)
            if is_sealed(tmp_path):
                break
        assert is_sealed(tmp_path)


class NewFileRefused(Appender):
    """A folder that takes no new events.ndjson for a while, after the first."""

    refused: ClassVar[int] = 0

    def __init__(self, path: Path, end: int) -> None:
        if NewFileRefused.refused and not path.exists():
            NewFileRefused.refused -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        super().__init__(path, end)


class Fragile(Journal):
    """A journal that writes so."""

    appender = NewFileRefused


async def test_a_rotation_that_a_full_disk_stops_halfway_is_carried_to_its_end(tmp_path: Path) -> None:
    async with World(Fragile, data=tmp_path, config={"fragile": SMALL["journal"]}) as world:
        for envelope in EVENTS[:200]:
            world.ctx.publish(envelope.payload, actor=envelope.actor)
        await world.ctx.committed()  # the file is full with that
        NewFileRefused.refused = 2
        with pytest.raises(CommitFailed, match="No space left on device"):
            await live(world, EVENTS[200:220])
        await until(lambda: world.system.commits.reached >= world.state.seq)
        seqs = [e.seq for e in decode_envelopes(b"".join(Segments(world.plugin(Fragile).ctx.data_dir).lines()))]

    assert manifests.read(tmp_path / "fragile") != JournalManifest(identity="")
    assert seqs == list(range(1, len(seqs) + 1))


async def test_a_manifest_that_cannot_be_written_lets_the_file_go_on_growing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = os.open

    def refuses(path: object, flags: int, *rest: int) -> int:
        if str(path).endswith("manifest.json.tmp"):
            raise OSError(errno.EACCES, "Permission denied")
        return real(path, flags, *rest)  # type: ignore[arg-type]

    async with World(Journal, data=tmp_path, config=SMALL) as world:
        monkeypatch.setattr(os, "open", refuses)
        with caplog.at_level(logging.WARNING):
            await live(world, EVENTS[:200])
        assert world.system.commits.reached == world.state.seq
        monkeypatch.setattr(os, "open", real)

    assert "events.ndjson goes on growing, as it cannot be sealed: [Errno 13] Permission denied" in caplog.text
    assert not manifest_of(tmp_path).segments
    assert rotation.RETRY_S > 0


def test_a_reader_that_finds_no_file_for_an_event_says_so(tmp_path: Path) -> None:
    def lines() -> Iterator[bytes]:
        return Segments(tmp_path).lines(5)

    (tmp_path / "events.ndjson").write_bytes(b'{"seq":9,"ts":1}\n')
    with pytest.raises(EventsUnreadable, match=r"event 6 is in no file\. .*switchboard journal verify"):
        list(lines())


def test_the_files_that_the_tests_begin_with_are_not_changed_by_them() -> None:
    assert "folder" not in DONE or files(DONE["folder"])
