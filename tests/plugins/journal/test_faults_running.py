"""The table of faults in the journal's README: what happens to a system that runs while its files or disk go wrong."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.errors import CommitFailed, PluginFailed
from kernel.events import ContactPaused
from kernel.testing import World
from plugins.journal import Journal, sums
from plugins.journal.appender import Appender
from tests.plugins.journal.folders import Folder, contents
from tests.plugins.journal.test_writing import until


class WatchfulJournal(Journal):
    """Looks at its files many times a second."""

    stall_s = 0.04


WatchfulJournal.__module__ = Journal.__module__  # its folder is the journal's


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(WatchfulJournal, data=tmp_path / "data") as world:
        await happen(world)
        yield world


async def happen(world: World) -> None:
    """One event comes to disk."""
    world.ctx.publish(ContactPaused(reason="x"))
    await world.ctx.committed()


def path_of_sums(world: World) -> Path:
    return world.data / "journal" / sums.FILE


def newest(world: World) -> int:
    """The event up to which the sums on disk go."""
    found = sums.read(path_of_sums(world))
    return found.newest.seq if found is not None else -1


async def test_each_commit_is_summed(world: World) -> None:
    for _ in range(3):
        await happen(world)
        await until(lambda: newest(world) == world.state.seq)


async def test_a_second_process_is_refused_even_when_the_lock_file_was_deleted(world: World) -> None:
    (world.data / "journal" / "lock").unlink()

    with pytest.raises(PluginFailed, match="is in use by another Switchboard"):
        async with World(Journal, data=world.data):
            pass

    await happen(world)
    assert contents(await Folder(world.data / "journal").recover()) == contents(world.state)


@pytest.mark.parametrize("harm", ["removed", "emptied"])
async def test_sums_that_somebody_removes_while_it_runs_are_made_anew_and_said(
    world: World, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    if harm == "removed":
        path_of_sums(world).unlink()
    else:
        os.truncate(path_of_sums(world), 0)

    said = f"{path_of_sums(world)} was removed or written over while in use, and is made anew"
    await until(lambda: said in caplog.text)
    assert newest(world) == world.state.seq


async def test_sums_that_cannot_be_written_hold_nothing_up_and_are_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of_sums(world)
    path.unlink()
    path.mkdir()
    await until(lambda: "get no checksum" in world.ctx.hooks.health()[0].detail)

    await happen(world)

    assert world.ctx.hooks.health()[0].ok
    assert f"{path}: Is a directory: events come to disk, but get no checksum." in caplog.text
    path.rmdir()
    await until(lambda: newest(world) == world.state.seq)
    await until(lambda: "get no checksum" not in world.ctx.hooks.health()[0].detail)


async def test_a_folder_without_a_sync_of_its_own_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, refused = os.fsync, []

    def of_files_alone(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            refused.append(descriptor)
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", of_files_alone)
    async with World(Journal, data=tmp_path) as world:
        await happen(world)
    async with World(Journal, data=tmp_path) as again:
        assert again.state.contact.paused

    assert refused


async def test_a_folder_whose_disk_fails_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def broken(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(PluginFailed, match="Input/output error"):
        async with World(Journal, data=tmp_path):
            pass


class BadDisk(Appender):
    """Fails as it is told to, by errno; 0 for a good one."""

    error = 0

    def __init__(self, path: Path, end: int) -> None:
        super().__init__(path, end, sync=self._sync_or_fail)

    def _sync_or_fail(self, descriptor: int) -> None:
        if self.error:
            raise OSError(self.error, os.strerror(self.error))


class JournalOnABadDisk(WatchfulJournal):
    appender = BadDisk


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (errno.ENOSPC, "No space left on device. Make room on its disk"),
        (errno.EROFS, "Read-only file system. Mount its disk for writing again"),
        (errno.EINVAL, "Invalid argument. Its file system cannot bring files to disk: move the data folder to another"),
        (errno.EIO, "Input/output error. Look after its disk"),
    ],
)
async def test_a_disk_that_refuses_is_told_with_what_to_do_and_nothing_is_lost_when_it_takes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, advice: str
) -> None:
    async with World(JournalOnABadDisk, data=tmp_path) as world:
        await happen(world)
        monkeypatch.setattr(BadDisk, "error", error)
        with pytest.raises(CommitFailed) as failed:
            await happen(world)
        assert advice in str(failed.value)
        assert not world.ctx.hooks.health()[0].ok

        monkeypatch.setattr(BadDisk, "error", 0)
        await until(lambda: world.ctx.hooks.health()[0].ok)
        await happen(world)

    assert contents(await Folder(tmp_path / "journalonabaddisk").recover()) == contents(world.state)


async def test_a_disk_that_is_read_only_at_the_start_refuses_it_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_of(tmp_path)
    opened = os.open

    def read_only(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY) and str(path).startswith(str(tmp_path)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(PluginFailed, match=r"journal/lock: Read-only file system"):
        await world_of(tmp_path)


async def world_of(data: Path) -> None:
    """A run in which nothing happens."""
    async with World(Journal, data=data):
        pass
