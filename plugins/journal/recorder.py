"""The loop's side of the journal: collects the events of a tick, hands them to the thread, and answers for them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from kernel.commits import Commits
from kernel.events import Envelope
from plugins.journal.appender import Appender
from plugins.journal.stats import Stats
from plugins.journal.writer import Batch, Writer

Alarm = Callable[[str | None], None]
"""Told why nothing can be written; None when it works again."""
Taken = Callable[[int], None]
"""Told the seq that the journal has got to, once a tick."""

STALL_S: Final = 10.0
"""A disk that has not answered for so long is out of order, whatever it may still say."""
STOPPED: Final = "the journal has stopped, so nothing can be made durable any more"


class Recorder:
    """`seq` is the last event taken; the next one will begin at `offset` (bytes) in the file."""

    def __init__(
        self, appender: Appender, commits: Commits, seq: int, stats: Stats, *, backlog: int, alarm: Alarm, taken: Taken
    ) -> None:
        """`backlog`: bytes that may wait for the disk. Must be made on the loop."""
        self.seq = seq
        self.offset = appender.end
        self._commits = commits
        self._stats = stats
        self._backlog = backlog
        self._alarm = alarm
        self._taken = taken
        self._loop = asyncio.get_running_loop()
        self._lines: list[bytes] = []
        self._waiting: deque[Batch] = deque()
        self._unwritten = 0
        self._failing: str | None = None
        self._gave_up: str | None = None
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._writer = Writer(appender, self, self._loop)

    @property
    def lag(self) -> int:
        """Events that wait for the disk."""
        return self.seq - self._commits.reached

    @property
    def problem(self) -> str | None:
        """Why commits do not come just now; None when they do."""
        if self._gave_up or self._failing:
            return self._gave_up or self._failing
        if self._waiting and (stalled := time.perf_counter() - self._waiting[0].since) > STALL_S:
            return f"the disk has not answered for {stalled:.0f} s"
        return STOPPED if self._ended.done() else None

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

    def hand_over(self) -> None:
        """Give what was taken since the last time to the thread, as one write."""
        if not self._lines:
            return
        self._lines.append(b"")
        batch = Batch(b"\n".join(self._lines), self.seq, time.perf_counter())
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

    def failed(self, why: str) -> None:
        if self._failing is None:
            self._stats.failures += 1
        self._failing = why
        self._commits.fail(self._gave_up or why)
        self._alarm(why)

    def ended(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _give_up(self, why: str) -> None:
        """From here on the state is ahead of what the journal will ever hold, so nobody may be let through again."""
        self._gave_up = f"{why}. Restart Switchboard: it goes on from event {self.seq}, the last one kept."
        self._commits.fail(self._gave_up)
        self._alarm(self._gave_up)
