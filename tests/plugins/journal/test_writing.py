"""Events come to disk in order, whole and once, whatever the disk does; until then nobody is let through."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from threading import Event

import pytest

from kernel.clock import Millis
from kernel.codec import decode_envelopes, encode
from kernel.commits import Commits
from kernel.errors import CommitFailed
from kernel.events import ContactPaused, Envelope
from plugins.journal import sums
from plugins.journal.appender import Appender
from plugins.journal.recorder import STALL_S, Recorder
from plugins.journal.stats import JournalStats
from plugins.journal.sums import SumFile
from tests.histories import history
from tests.plugins.journal.folders import new_sums

DEADLINE_S = 20


class Disk:
    """A disk that can be full, fail to sync, or take its time. It writes what it takes to a real file."""

    def __init__(self) -> None:
        self.room: int | None = None
        self.sync_fails = False
        self.answers = Event()
        self.answers.set()
        self.syncs = 0

    def write(self, descriptor: int, data: memoryview) -> int:
        if self.room is None:
            return os.write(descriptor, data)
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = os.write(descriptor, data[: self.room])
        self.room -= written
        return written

    def sync(self, descriptor: int) -> None:
        assert self.answers.wait(DEADLINE_S)
        self.syncs += 1
        if self.sync_fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


class SumsOnABadDisk(SumFile):
    """Sums on a disk that takes them unless it is full."""

    full = False

    def _write(self, line: bytes, place: int) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super()._write(line, place)


class Journaling:
    """A recorder on a bad disk, and what it said."""

    def __init__(self, path: Path, *, backlog: int = 1 << 20, stall_s: float = STALL_S) -> None:
        self.path = path
        self.disk = Disk()
        self.commits = Commits()
        self.commits.take_charge(0)
        self.stats = JournalStats()
        self.alarms: asyncio.Queue[str | None] = asyncio.Queue()
        self.sums = new_sums(path.parent, SumsOnABadDisk)
        self.recorder = Recorder(
            Appender(path, 0, write=self.disk.write, sync=self.disk.sync),
            self.sums,
            self.commits,
            0,
            self.stats,
            backlog=backlog,
            alarm=self.alarms.put_nowait,
            taken=lambda seq: None,
            stall_s=stall_s,
        )

    def publish(self, envelopes: list[Envelope]) -> None:
        """In one tick, as the bus would."""
        for envelope in envelopes:
            self.recorder.record(envelope, encode(envelope))

    async def committed(self, seq: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.commits.wait(seq)

    async def alarm(self) -> str | None:
        async with asyncio.timeout(DEADLINE_S):
            return await self.alarms.get()

    def on_disk(self) -> list[Envelope]:
        return list(decode_envelopes(self.path.read_bytes()))


async def until(condition: Callable[[], bool]) -> None:
    """Return when a thread has brought it about."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)


def envelope_of(seq: int, text: str) -> Envelope:
    """An event as long as `text`."""
    return Envelope(seq, Millis(seq), "operator:anna", None, ContactPaused.kind, ContactPaused(reason=text))


@pytest.fixture
async def journaling(tmp_path: Path) -> AsyncIterator[Journaling]:
    journaling = Journaling(tmp_path / "events.ndjson")
    yield journaling
    journaling.disk.answers.set()
    assert await journaling.recorder.close(DEADLINE_S)


async def test_events_come_to_disk_as_the_very_bytes_that_everybody_gets(journaling: Journaling) -> None:
    past = history(Random(1), 50)

    journaling.publish(past)
    await journaling.committed(50)

    assert journaling.path.read_bytes() == b"".join(encode(envelope) + b"\n" for envelope in past)


async def test_what_is_published_in_one_tick_is_one_write(journaling: Journaling) -> None:
    journaling.publish(history(Random(1), 200))
    await journaling.committed(200)

    assert (journaling.stats.commits, journaling.disk.syncs) == (1, 1)
    assert (journaling.stats.events, journaling.stats.bytes) == (200, journaling.path.stat().st_size)


async def test_what_comes_while_a_sync_runs_goes_together_into_the_next(journaling: Journaling) -> None:
    past = history(Random(2), 31)
    journaling.disk.answers.clear()
    for envelope in past:
        journaling.publish([envelope])
        await asyncio.sleep(0)  # a tick each
    journaling.disk.answers.set()
    await journaling.committed(31)

    # the thread had the first few, at most, when the sync began to take its time
    assert journaling.stats.commit.count == 31
    assert journaling.disk.syncs < 31
    assert journaling.on_disk() == past


async def test_a_great_backlog_goes_to_disk_in_several_writes(tmp_path: Path) -> None:
    journaling = Journaling(tmp_path / "events.ndjson", backlog=1 << 30)
    journaling.disk.answers.clear()
    past = [envelope_of(seq, "x" * 1_000_000) for seq in range(1, 12)]
    for envelope in past:
        journaling.publish([envelope])
        journaling.recorder.hand_over()
    journaling.disk.answers.set()
    await journaling.committed(11)

    assert 3 <= journaling.stats.commits <= 5
    assert journaling.on_disk() == past
    assert await journaling.recorder.close(DEADLINE_S)


async def test_nobody_is_let_through_before_the_sync_has_returned(journaling: Journaling) -> None:
    journaling.disk.answers.clear()
    journaling.publish(history(Random(3), 5))
    waiting = asyncio.ensure_future(journaling.committed(5))
    await until(lambda: journaling.path.stat().st_size > 0)  # the bytes are in the file, though not on disk

    assert not waiting.done()
    assert (journaling.commits.reached, journaling.recorder.lag) == (0, 5)

    journaling.disk.answers.set()
    await waiting


@pytest.mark.parametrize("room", [0, 1, 700])
async def test_a_full_disk_loses_and_doubles_nothing(journaling: Journaling, room: int) -> None:
    past = history(Random(4), 60)
    journaling.publish(past[:10])
    await journaling.committed(10)

    journaling.disk.room = room
    journaling.publish(past[10:30])
    with pytest.raises(CommitFailed, match=r"No space left on device. Make room on its disk; it is tried again"):
        await journaling.committed(30)
    assert journaling.recorder.problem is not None
    journaling.publish(past[30:60])
    with pytest.raises(CommitFailed):
        await journaling.committed(60)
    assert "No space left" in (await journaling.alarm() or "")

    journaling.disk.room = None
    assert await journaling.alarm() is None
    await journaling.committed(60)
    assert journaling.on_disk() == past
    assert journaling.stats.failures == 1
    problem: str | None = journaling.recorder.problem
    assert problem is None


async def test_what_a_failed_sync_may_have_dropped_is_written_again(journaling: Journaling) -> None:
    past = history(Random(5), 20)
    journaling.disk.sync_fails = True
    journaling.publish(past)
    with pytest.raises(CommitFailed, match="Input/output error"):
        await journaling.committed(20)
    await journaling.alarm()

    before = journaling.disk.syncs
    journaling.disk.sync_fails = False
    assert await journaling.alarm() is None
    assert journaling.disk.syncs > before
    assert journaling.on_disk() == past


async def test_a_stop_while_the_disk_is_full_leaves_whole_lines_and_ends(journaling: Journaling) -> None:
    past = history(Random(6), 30)
    journaling.publish(past[:10])
    await journaling.committed(10)
    journaling.disk.room = 100
    journaling.publish(past[10:])
    await journaling.alarm()

    assert await journaling.recorder.close(DEADLINE_S)

    assert journaling.on_disk() == past[:10]
    assert journaling.recorder.lag == 20


async def test_after_the_stop_everything_taken_is_on_disk_and_nobody_else_is_let_through(
    journaling: Journaling,
) -> None:
    past = history(Random(7), 30)
    journaling.publish(past)

    assert await journaling.recorder.close(DEADLINE_S)

    assert journaling.on_disk() == past
    await journaling.committed(30)
    with pytest.raises(CommitFailed, match="has stopped"):
        await journaling.committed(31)


async def test_a_disk_that_hangs_does_not_hold_the_stop_up(journaling: Journaling) -> None:
    journaling.disk.answers.clear()
    journaling.publish(history(Random(7), 3))

    assert not await journaling.recorder.close(0.01)
    with pytest.raises(CommitFailed):
        await journaling.committed(3)


async def test_a_sync_that_does_not_come_back_is_told_to_all_who_wait_and_to_all_who_come(tmp_path: Path) -> None:
    journaling = Journaling(tmp_path / "events.ndjson", stall_s=0.04)
    past = history(Random(13), 20)
    journaling.disk.answers.clear()
    journaling.publish(past[:10])
    with pytest.raises(CommitFailed, match=r"events.ndjson: the disk has not answered for 0 s. Look after it"):
        await journaling.committed(10)
    with pytest.raises(CommitFailed, match="has not answered"):
        await journaling.committed(11)
    assert "has not answered" in (await journaling.alarm() or "")
    assert "has not answered" in (journaling.recorder.problem or "")

    journaling.disk.answers.set()
    assert await journaling.alarm() is None
    journaling.publish(past[10:])
    await journaling.committed(20)
    assert journaling.on_disk() == past
    assert journaling.recorder.problem is None
    assert await journaling.recorder.close(DEADLINE_S)


async def test_a_backlog_that_is_full_takes_no_more_and_says_so_for_good(tmp_path: Path) -> None:
    journaling = Journaling(tmp_path / "events.ndjson", backlog=4_000)
    past = history(Random(8), 200)
    journaling.disk.answers.clear()
    journaling.publish(past)

    kept = journaling.recorder.seq
    assert 0 < kept < 200
    assert f"goes on from event {kept}" in (await journaling.alarm() or "")
    journaling.disk.answers.set()
    await until(lambda: journaling.commits.reached == kept)
    with pytest.raises(CommitFailed, match="wait for the disk, and no more are kept in memory"):
        await journaling.committed(200)

    assert await journaling.recorder.close(DEADLINE_S)
    assert journaling.on_disk() == past[:kept]
    assert journaling.path.stat().st_size <= 4_000


async def test_an_event_that_never_came_closes_the_gate_for_good(journaling: Journaling) -> None:
    past = history(Random(9), 20)
    journaling.publish(past[:10])
    journaling.publish(past[11:])

    assert "event 11 never came to the journal; the next one was 12" in (await journaling.alarm() or "")
    await until(lambda: journaling.commits.reached == 10)
    with pytest.raises(CommitFailed):
        await journaling.committed(20)
    assert journaling.on_disk() == past[:10]


async def test_a_file_that_is_moved_away_is_noticed_and_goes_on_when_it_is_back(journaling: Journaling) -> None:
    past = history(Random(10), 30)
    journaling.publish(past[:10])
    await journaling.committed(10)
    away = journaling.path.rename(journaling.path.with_name("events.ndjson.1"))

    journaling.publish(past[10:])
    with pytest.raises(CommitFailed, match="was moved or deleted while in use: move it back"):
        await journaling.committed(30)
    await journaling.alarm()

    away.rename(journaling.path)
    assert await journaling.alarm() is None
    assert journaling.on_disk() == past


@pytest.mark.parametrize("moved", ["events.ndjson", "folder"], ids=["the file", "its folder"])
async def test_a_move_is_noticed_while_nothing_happens_and_so_is_its_return(tmp_path: Path, moved: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    journaling = Journaling(folder / "events.ndjson", stall_s=0.04)
    journaling.publish(history(Random(10), 10))
    await journaling.committed(10)
    home = folder if moved == "folder" else journaling.path

    away = home.rename(tmp_path / "elsewhere")
    said = await journaling.alarm() or ""
    assert "was moved or deleted while in use: move it back (it is now " in said
    assert str(away) in said
    assert journaling.commits.failure is not None
    assert journaling.recorder.problem is not None

    away.rename(home)
    assert await journaling.alarm() is None
    assert journaling.commits.failure is None
    problem: str | None = journaling.recorder.problem
    assert problem is None
    assert await journaling.recorder.close(DEADLINE_S)


async def test_a_sum_that_cannot_be_written_holds_no_commit_up_and_is_made_good_for(tmp_path: Path) -> None:
    journaling = Journaling(tmp_path / "events.ndjson", stall_s=0.04)
    past = history(Random(12), 30)
    assert isinstance(journaling.sums, SumsOnABadDisk)
    journaling.sums.full = True
    for envelope in past:
        journaling.publish([envelope])
        await journaling.committed(envelope.seq)
    await until(lambda: journaling.recorder.unsummed is not None)
    assert journaling.recorder.problem is None

    journaling.sums.full = False
    await until(lambda: journaling.recorder.unsummed is None)
    found = sums.read(journaling.sums.path)
    assert found is not None
    assert (found.newest.seq, found.newest.end) == (30, journaling.path.stat().st_size)
    assert await journaling.recorder.close(DEADLINE_S)


async def test_what_another_program_adds_to_the_file_is_taken_out_again(journaling: Journaling) -> None:
    past = history(Random(11), 30)
    journaling.publish(past[:10])
    await journaling.committed(10)

    with journaling.path.open("ab") as file:
        file.write(b"note to self\n")
    journaling.publish(past[10:])

    with pytest.raises(CommitFailed, match="another program changed it"):
        await journaling.committed(30)
    await journaling.alarm()
    assert await journaling.alarm() is None
    assert journaling.on_disk() == past


@pytest.mark.parametrize("more", [1, 1_000], ids=["less than was there", "more than was there"])
async def test_a_file_that_another_program_cut_lets_nobody_through_and_is_not_filled_up(
    journaling: Journaling, more: int
) -> None:
    past = [envelope_of(seq, "x" * 30 if seq <= 10 else "y" * more) for seq in range(1, 31)]
    journaling.publish(past[:10])
    await journaling.committed(10)

    journaling.path.write_bytes(b"")
    journaling.publish(past[10:])
    said = [await journaling.alarm(), await journaling.alarm()]

    assert "its end is gone, which had been written: stop, and bring it back from a backup" in (said[1] or "")
    with pytest.raises(CommitFailed):
        await journaling.committed(30)
    assert b"\0" not in journaling.path.read_bytes()
