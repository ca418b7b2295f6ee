"""A backup taken while events come is the same state at its seq; a bad one is refused and leaves nothing."""

from __future__ import annotations

import asyncio
import io
import tarfile
import time
from pathlib import Path
from random import Random

import pytest
import zstandard

from kernel.__main__ import main
from kernel.testing import World
from plugins.journal import Journal, backup, sums
from plugins.journal.errors import BackupUnusable
from plugins.journal.verification import verify
from tests.histories import history
from tests.plugins.journal.folders import Folder, contents
from tests.plugins.journal.test_faults import lived, replace


async def test_a_backup_taken_under_load_is_the_state_at_its_seq(tmp_path: Path) -> None:
    data = tmp_path / "data"
    archives: list[Path] = []
    async with World(Journal, config={"journal": {"snapshot_events": 200, "segment_daily": False}}, data=data) as world:
        (data / "steam").mkdir()
        (data / "steam" / "key").write_bytes(b"k" * 32)

        async def happen() -> None:
            for envelope in history(Random(4), 3_000):
                world.ctx.publish(envelope.payload, actor=envelope.actor)
                if envelope.seq % 600 == 0:  # in the midst of one, and the next is taken as more comes
                    archives.append(tmp_path / f"backup-{envelope.seq}.tar.zst")
                    taking.append(asyncio.create_task(asyncio.to_thread(backup.take, data, archives[-1])))
                if envelope.seq % 20 == 0:
                    await asyncio.sleep(0)

        taking: list[asyncio.Task[backup.Taken]] = []
        await world.ctx.committed()
        await happen()
        for taken in taking:
            await taken

    assert len(archives) == 5
    whole = Folder(data / "journal").read()
    identity = (data / "journal" / "identity").read_bytes()
    for archive in archives:
        again = tmp_path / f"{archive.name}-restored"
        restored = backup.bring_back(archive, again)
        assert (again / "steam" / "key").read_bytes() == b"k" * 32
        assert (again / "steam" / "key").stat().st_mode & 0o777 == 0o600
        assert not list(again.rglob("lock"))
        assert (again / "journal" / "identity").read_bytes() == identity
        found = sums.read(again / "journal" / sums.FILE)
        assert found is not None
        assert found.newest.seq == restored.seq, "the last events of the archive have no checksum"
        assert not [finding for finding in verify(again) if finding.is_fault]
        folded = Folder(tmp_path / f"{archive.name}-folded")
        folded.path.mkdir()
        folded.write(whole[: restored.seq])
        assert contents(await Folder(again / "journal").recover()) == contents(await folded.recover())

    async with World(Journal, data=tmp_path / f"{archives[0].name}-restored") as world:
        assert world.state.seq > backup.bring_back(archives[0], tmp_path / "once more").seq


async def test_a_damaged_journal_is_not_backed_up_as_if_it_were_whole(tmp_path: Path) -> None:
    data = tmp_path / "data"
    folder = await lived(data, length=100)
    replace(folder.events, b'"currency":"USD"', b'"currency":"EUR"')

    with pytest.raises(BackupUnusable, match=r"is not what was written, so nothing was backed up.*journal verify"):
        backup.take(data, tmp_path / "backup.tar.zst")

    assert not (tmp_path / "backup.tar.zst").exists()


async def test_what_a_repair_has_set_aside_is_not_in_a_backup(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data, length=20)
    (data / "journal" / "aside-1").mkdir()
    (data / "journal" / "aside-1" / "events.ndjson").write_bytes(b"old")

    backup.take(data, tmp_path / "backup.tar.zst")
    backup.bring_back(tmp_path / "backup.tar.zst", tmp_path / "again")

    assert not (tmp_path / "again" / "journal" / "aside-1").exists()


def test_the_key_of_an_open_shell_is_not_in_a_backup(tmp_path: Path) -> None:
    data = filled(tmp_path / "data")
    (data / "live_shell").mkdir()
    (data / "live_shell" / "connection.json").write_text('{"key":"of the shell"}')
    (data / "live_shell" / "cells.ndjson").write_text("{}\n")

    backup.take(data, tmp_path / "backup.tar.zst")
    backup.bring_back(tmp_path / "backup.tar.zst", tmp_path / "again")

    assert [path.name for path in (tmp_path / "again" / "live_shell").iterdir()] == ["cells.ndjson"]


def filled(folder: Path) -> Path:
    """A data folder with a journal of some events."""
    (folder / "journal").mkdir(parents=True)
    Folder(folder / "journal").write(list(history(Random(1), 30)))
    return folder


def archive_of(path: Path, *members: tuple[str, bytes]) -> Path:
    """An archive of somebody else's making."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    path.write_bytes(zstandard.compress(raw.getvalue()))
    return path


@pytest.mark.parametrize("name", ["../escaped", "/etc/escaped", "journal/../../escaped", "a\\b"])
def test_an_archive_that_would_write_elsewhere_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    bad = archive_of(tmp_path / "bad.tar.zst", ("journal/events.ndjson", b""), (name, b"x"))

    with pytest.raises(BackupUnusable, match="does not belong into a backup"):
        backup.bring_back(bad, tmp_path / "in" / "data")

    assert not list((tmp_path / "in").iterdir())
    assert not list(tmp_path.rglob("escaped"))


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        link = tarfile.TarInfo("journal/events.ndjson")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    (tmp_path / "bad.tar.zst").write_bytes(zstandard.compress(raw.getvalue()))

    with pytest.raises(BackupUnusable, match="does not belong into a backup"):
        backup.bring_back(tmp_path / "bad.tar.zst", tmp_path / "data")


@pytest.mark.parametrize("cut", [10, 200, -1])
def test_a_damaged_archive_is_refused_and_leaves_nothing(tmp_path: Path, cut: int) -> None:
    archive = tmp_path / "backup.tar.zst"
    backup.take(filled(tmp_path / "data"), archive)
    archive.write_bytes(archive.read_bytes()[:cut])

    with pytest.raises(BackupUnusable, match="is damaged"):
        backup.bring_back(archive, tmp_path / "again")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.zst", "data"]


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    other = archive_of(tmp_path / "other.tar.zst", ("notes.txt", b"hello"))

    with pytest.raises(BackupUnusable, match=r"holds no journal/events\.ndjson"):
        backup.bring_back(other, tmp_path / "again")


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    data = filled(tmp_path / "data")
    with (data / "journal" / "events.ndjson").open("ab") as file:
        file.write(b'{"seq":31,"ts":')
    taken = backup.take(data, tmp_path / "backup.tar.zst")
    restored = backup.bring_back(tmp_path / "backup.tar.zst", tmp_path / "again")

    assert taken.seq == restored.seq == 30
    assert Folder(tmp_path / "again" / "journal").recovered().seq == 30


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, archive = filled(tmp_path / "data"), tmp_path / "backup.tar.zst"

    assert main(["backup", "--data", str(data), str(archive)]) == 0
    assert "up to event 30" in capsys.readouterr().out
    assert archive.stat().st_mode & 0o777 == 0o600
    assert main(["backup", "--data", str(data), str(archive)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["restore", str(archive), "--data", str(data)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert main(["restore", str(archive), "--data", str(tmp_path / "again")]) == 0
    assert "up to event 30" in capsys.readouterr().out
    assert main(["backup", "--data", str(tmp_path / "nowhere"), str(tmp_path / "b")]) == 1
    assert "holds no journal/events.ndjson" in capsys.readouterr().err


def test_the_time_of_a_restore_grows_with_the_size_alone(tmp_path: Path) -> None:
    content = b"".join(b'{"seq":%d,"text":"%s"}\n' % (number, b"a word " * 30) for number in range(120_000))
    archive = archive_of(tmp_path / "large.tar.zst", ("journal/events.ndjson", content))
    begun = time.process_time()

    taken = backup.bring_back(archive, tmp_path / "again")

    assert (taken.seq, taken.size) == (119_999, len(content))
    assert time.process_time() - begun < 3.0, "28 MB took 14 s where each piece copied what was left"


def stretched(path: Path, head: bytes, piece: bytes, count: int) -> Path:
    """An archive that begins with `head`, and goes on with `piece` again and again."""
    frame = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    path.write_bytes(frame.compress(head) + b"".join(frame.compress(piece) for _ in range(count)) + frame.flush())
    return path


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def particulars(**given: str) -> bytes:
    """A pax header: what it says holds for the member behind it."""
    member = tarfile.TarInfo("journal/events.ndjson")
    member.pax_headers, member.size = {name.replace("_", "."): value for name, value in given.items()}, 1 << 30
    return member.tobuf(tarfile.PAX_FORMAT)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (header("journal/events.ndjson", 1 << 33), "unpacks to over 250 times its size"),
        (header("journal/events.ndjson", 0) + bytes(1024), "unpacks to over 250 times its size"),
        (header("a name", 1 << 30, tarfile.GNUTYPE_LONGNAME), "has a header of 1073741824 bytes"),
        (header("particulars", 1 << 30, tarfile.XHDTYPE), "has a header of 1073741824 bytes"),
        (particulars(GNU_sparse_major="1", GNU_sparse_minor="0"), "is a sparse file"),
        (particulars(GNU_sparse_map="0,0", GNU_sparse_size="1099511627776"), "does not belong into a backup"),
    ],
)
def test_a_small_archive_that_unpacks_to_much_is_refused_soon_and_leaves_nothing(
    head: bytes, says: str, tmp_path: Path
) -> None:
    bomb = stretched(
        tmp_path / "bomb.tar.zst", head, b"\0" * (1 << 20) if b"sparse" not in head else b"1" * (1 << 20), 400
    )
    assert bomb.stat().st_size < 64 * 1024
    begun = time.process_time()

    with pytest.raises(BackupUnusable, match=says):
        backup.bring_back(bomb, tmp_path / "again")

    assert time.process_time() - begun < 3.0
    assert [path.name for path in tmp_path.iterdir()] == ["bomb.tar.zst"]


def test_headers_behind_headers_are_refused(tmp_path: Path) -> None:
    chain = (header("particulars", 0, tarfile.XHDTYPE)) * 5_000
    (tmp_path / "bomb.tar.zst").write_bytes(zstandard.compress(chain))

    with pytest.raises(BackupUnusable, match="is damaged, or no backup"):
        backup.bring_back(tmp_path / "bomb.tar.zst", tmp_path / "again")
