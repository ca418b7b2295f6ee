"""The loop's side of the journal: collects the events of a tick, hands them to the thread, and answers for them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from kernel.commits import Commits
from kernel.events import Envelope
from plugins.journal.appender import Appender
from plugins.journal.rotation import Rotation
from plugins.journal.stats import JournalStats
from plugins.journal.sums import SumFile
from plugins.journal.writer import Batch, Writer

Alarm = Callable[[str | None], None]
"""Told why nothing can be written; None when it works again."""
Taken = Callable[[int], None]
"""Told the seq that the journal has got to, once a tick."""

STALL_S: Final = 10.0
"""A disk that has not answered for so long is out of order, whatever it may still say."""
_LOOKS: Final = 4
"""How often in that time the loop looks whether the thread has moved. Looks are counted, not seconds: a process that
was stopped for a minute, or a laptop that slept, has not waited for its disk."""
STOPPED: Final = "the journal has stopped, so nothing can be made durable any more"


class FilePlace(NamedTuple):
    """Where an event ends: in the file that begins with event `first`, so many bytes from its beginning."""

    first: int
    offset: int


class Recorder:
    """`seq` is the last event taken; `offset` counts the bytes up to there, from the file at the start on."""

    def __init__(
        self,
        appender: Appender,
        sums: SumFile,
        commits: Commits,
        seq: int,
        stats: JournalStats,
        *,
        backlog: int,
        alarm: Alarm,
        taken: Taken,
        rotation: Rotation | None = None,
        rotated: Callable[[], None] = lambda: None,
        before: int = 0,
        stall_s: float = STALL_S,
    ) -> None:
        """`backlog`: bytes that may wait for the disk. `before`: the event before the first of the file.

        `rotated` is told that the file has become a segment. Must be made on the loop.
        """
        self.seq = seq
        self.offset = appender.end
        self._commits = commits
        self._stats = stats
        self._backlog = backlog
        self._alarm = alarm
        self._taken = taken
        self._loop = asyncio.get_running_loop()
        self._files = [FilePlace(before + 1, 0)]
        """Each file of this run: its first event, and what `offset` was where it began."""
        self._rotated = rotated
        self._ts = 0
        self._lines: list[bytes] = []
        self._waiting: deque[Batch] = deque()
        self._unwritten = 0
        self._failing: str | None = None
        self._gave_up: str | None = None
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._path = appender.path
        self._stall_s = stall_s
        look_s = stall_s / (2 * _LOOKS + 2)
        self._writer = Writer(appender, sums, self, self._loop, rotation=rotation, look_s=look_s)
        self._turns = self._still = 0
        self._stalled = False
        self._watch = self._loop.call_later(stall_s / _LOOKS, self._look)

    @property
    def lag(self) -> int:
        """Events that wait for the disk."""
        return self.seq - self._commits.reached

    @property
    def problem(self) -> str | None:
        """Why commits do not come just now; None when they do."""
        if self._gave_up or self._failing:
            return self._gave_up or self._failing
        return STOPPED if self._ended.done() else None

    @property
    def unsummed(self) -> str | None:
        """Why events get no checksum just now, though they come to disk."""
        return self._writer.unsummed

    def record(self, envelope: Envelope, line: bytes) -> None:
        """Take the next event, as the very bytes that everybody gets. The kernel calls this for each."""
        if self._gave_up:
            return
        if envelope.seq != self.seq + 1:
            self._give_up(f"event {self.seq + 1} never came to the journal; the next one was {envelope.seq}")
            return
        if self._unwritten + len(line) >= self._backlog:
            self._give_up(f"{self._backlog >> 20} MiB of events wait for the disk, and no more are kept in memory")
            return
        if not self._lines:
            self._loop.call_soon(self.hand_over)
        self._lines.append(line)
        self._unwritten += len(line) + 1
        self.seq = envelope.seq
        self._ts = envelope.ts

    def hand_over(self) -> None:
        """Give what was taken since the last time to the thread, as one write."""
        if not self._lines:
            return
        self._lines.append(b"")
        batch = Batch(b"\n".join(self._lines), self.seq, time.perf_counter(), self._ts)
        self._lines.clear()
        self._waiting.append(batch)
        self.offset += len(batch.data)
        self._writer.put(batch)
        self._taken(self.seq)

    async def close(self, deadline: float) -> bool:
        """Bring everything taken to disk, end the thread, and let nobody through from then on.

        False when that is not done within `deadline` seconds, and the thread is left behind.
        """
        self.hand_over()
        self._writer.close()
        try:
            done, _ = await asyncio.wait((self._ended,), timeout=deadline)
        finally:
            self._watch.cancel()
            self._commits.fail(STOPPED)
        return bool(done)

    def committed(self, seq: int) -> None:
        now = time.perf_counter()
        self._stats.commits += 1
        self._stats.events += seq - self._commits.reached
        while self._waiting and self._waiting[0].seq <= seq:
            batch = self._waiting.popleft()
            self._unwritten -= len(batch.data)
            self._stats.bytes += len(batch.data)
            self._stats.commit.observe(now - batch.since)
        self._commits.advance(seq)
        if self._gave_up:
            self._commits.fail(self._gave_up)
        elif self._failing:
            self._failing = None
            self._alarm(None)

    def rotated(self, last: int, size: int) -> None:
        self._files.append(FilePlace(last + 1, self._files[-1].offset + size))
        self._rotated()

    def place(self, seq: int, offset: int) -> FilePlace:
        """Where event `seq` ends, which is on disk, and at which `offset` stood so."""
        file = next(file for file in reversed(self._files) if file.first <= seq or file is self._files[0])
        return FilePlace(file.first, offset - file.offset)

    @property
    def size(self) -> int:
        """How long the file is, with what waits for the disk."""
        return self.offset - self._files[-1].offset

    def rotate(self) -> None:
        """Let the file become a segment within a second, however short it is."""
        self._writer.rotate()

    def recovered(self) -> None:
        if self._failing and not self._gave_up:
            self._failing = None
            self._commits.advance(self._commits.reached)
            self._alarm(None)

    def failed(self, why: str) -> None:
        if self._failing is None:
            self._stats.failures += 1
        self._failing = why
        self._commits.fail(self._gave_up or why)
        self._alarm(why)

    def ended(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _look(self) -> None:
        """A write or sync that does not come back raises nothing: whoever waits for it is told from here."""
        if self._ended.done():
            return
        self._watch = self._loop.call_later(self._stall_s / _LOOKS, self._look)
        turns = self._writer.turns
        self._still = self._still + 1 if turns == self._turns else 0
        self._turns = turns
        if self._still >= _LOOKS:
            waited = self._still * self._stall_s / _LOOKS
            why = f"{self._path}: the disk has not answered for {waited:.0f} s. Look after it; nothing is lost."
            self._stalled = True
            if self._still == _LOOKS:
                self.failed(why)
            else:
                self._failing = why  # told once; `health` says how long it is
        elif self._stalled:
            self._stalled = False
            if not self._waiting:
                self.recovered()  # else the commit says it

    def _give_up(self, why: str) -> None:
        """From here on the state is ahead of what the journal will ever hold, so nobody may be let through again."""
        self._gave_up = f"{why}. Restart Switchboard: it goes on from event {self.seq}, the last one kept."
        self._commits.fail(self._gave_up)
        self._alarm(self._gave_up)
