"""The thread that brings events to disk: one write and one sync for everything that came while the last sync ran."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final, NamedTuple, Protocol

from plugins.journal.appender import Appender
from plugins.journal.errors import FileTouched
from plugins.journal.rotation import Rotation
from plugins.journal.sums import SumFile

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
"""How often events.sum is synced, and a thread that has nothing to write looks whether the file is where it was."""
FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 5.0
LARGEST_WRITE: Final = 4 * 1024 * 1024
"""Bytes, or one batch more: to join the backlog of an outage in one go would hold the interpreter for 20 ms."""
_ADVICE: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Make room on its disk"),
    errno.EROFS: "Mount its disk for writing again",
    errno.EINVAL: "Its file system cannot bring files to disk: move the data folder to another one",
}
"""What to do, by errno; else look after the disk."""


class Batch(NamedTuple):
    """The lines of one tick of the loop."""

    data: bytes
    seq: int
    """Of its last event."""
    since: float
    """When it was handed over, by `time.perf_counter`."""
    ts: int = 0
    """Of its last event."""


class CommitListener(Protocol):
    """Hears of it on the loop's thread."""

    def committed(self, seq: int) -> None:
        """Everything up to `seq` is on disk."""

    def failed(self, why: str) -> None:
        """Writing does not work just now; it is being tried again."""

    def rotated(self, last: int, size: int) -> None:
        """The file that ended with that event, and was so many bytes long, is a segment; a new one has begun."""

    def recovered(self) -> None:
        """What was in the way is gone; whether anything waits to be written is not known."""

    def ended(self) -> None:
        """The thread is done."""


class Writer:
    """Batches go in by `put` in the order of their events; the listener hears what became of them.

    A failed write is repaired and tried again with growing pauses, for as long as it takes: nothing is lost and
    nothing doubled. The queue is bounded by whoever calls `put`, since only the loop's side may refuse.
    """

    def __init__(
        self,
        appender: Appender,
        sums: SumFile,
        listener: CommitListener,
        loop: asyncio.AbstractEventLoop,
        *,
        rotation: Rotation | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        self.turns = 0
        """Raised whenever the thread comes back from the disk or from waiting: one that hangs leaves it as it is."""
        self.unsummed: str | None = None
        """Why events get no checksum just now; they come to disk all the same."""
        self._appender = appender
        self._sums = sums
        self._keep_sums_at = time.monotonic() + look_s
        self._listener = listener
        self._loop = loop
        self._look_s = look_s
        self._rotation = rotation
        self._rotation_asked = False
        self._failing: str | None = None
        """What the listener was told last, if that still holds."""
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        self._closing = Event()
        # a daemon: a disk that hangs must not keep a process from ending that was asked to
        self._thread = Thread(target=self._run, name="journal writer", daemon=True)
        self._thread.start()

    def put(self, batch: Batch) -> None:
        self._batches.put(batch)

    def rotate(self) -> None:
        """Let the file become a segment within a second, however short it is."""
        self._rotation_asked = True

    def close(self) -> None:
        """Write what has been put, then end. While writing fails, it is tried once more and not again."""
        self._closing.set()
        self._batches.put(None)

    def _run(self) -> None:
        try:
            while (batch := self._collect()) is not None and self._bring_to_disk(batch):
                pass
        except Exception as error:  # noqa: BLE001 - contained: were this not told, everybody would wait forever
            self._tell(self._listener.failed, f"the thread that writes has died, restart Switchboard: {error!r}")
        finally:
            with suppress(OSError):  # all that is in the file has been synced; what has no sum yet is decoded
                self._sums.sync()
            with suppress(OSError):
                self._sums.close()
                self._appender.close()
            self._tell(self._listener.ended)

    def _collect(self) -> Batch | None:
        """Wait for a batch, and join those that wait behind it, up to LARGEST_WRITE; None at the end."""
        batch = self._next()
        if batch is None:
            return None
        parts = [batch.data]
        size = len(batch.data)
        while size < LARGEST_WRITE:
            try:
                more = self._batches.get_nowait()
            except Empty:
                break
            if more is None:
                self._batches.put(None)  # the end is for the next turn
                break
            batch = more
            parts.append(batch.data)
            size += len(batch.data)
        return batch._replace(data=b"".join(parts))

    def _next(self) -> Batch | None:
        while True:
            self.turns += 1
            try:
                return self._batches.get(timeout=self._look_s)
            except Empty:
                self._look()

    def _look(self) -> None:
        """Nothing is to be written: see whether something could be, so that nobody has to try it to find out."""
        try:
            if self._failing is not None:
                self._appender.repair()
            self._appender.check()
            if self._rotation_asked:
                self._rotate_if_due(0)
        except OSError as error:
            self._fail(error)
        else:
            if self._failing is not None:
                self._failing = None
                self._tell(self._listener.recovered)
            self._keep_sums()

    def _bring_to_disk(self, batch: Batch) -> bool:
        """False when it was given up because of the end."""
        pause = FIRST_RETRY_S
        torn = False
        while True:
            try:
                if torn:
                    self._appender.repair()
                self._rotate_if_due(batch.ts)
                self._appender.append(batch.data)
            except OSError as error:
                torn = True
                self._fail(error)
                last_try = self._closing.is_set()
                if last_try:
                    self._repair_at_the_end()
                    return False
                self._pause(pause)
                pause = min(2 * pause, LAST_RETRY_S)
            else:
                self._failing = None
                self._tell(self._listener.committed, batch.seq)
                self._sum(batch)  # after it: nobody waits for a sum
                return True

    def _rotate_if_due(self, ts: int) -> None:
        asked = self._rotation_asked
        if self._rotation is None or not self._rotation.is_due(self._appender.end, ts, asked=asked):
            self._rotation_asked = False
            return
        size, last = self._appender.end, self._sums.newest.seq
        opened = self._rotation.carry_out(self._appender, self._sums)
        if opened is not None:
            self._appender, self._sums = opened
            self._rotation_asked = False
            self._tell(self._listener.rotated, last, size)

    def _sum(self, batch: Batch) -> None:
        try:
            self._sums.add(batch.data, batch.seq, self._appender.end)
        except OSError as error:
            self._miss_sums(error)
        if time.monotonic() >= self._keep_sums_at:
            self._keep_sums()

    def _keep_sums(self) -> None:
        """Bring them to disk, now and then; only while the journal is known to be in its place."""
        self._keep_sums_at = time.monotonic() + self._look_s
        try:
            if self._sums.mend():
                log.warning("%s was removed or written over while in use, and is made anew", self._sums.path)
            self._sums.sync()
        except OSError as error:
            self._miss_sums(error)
        else:
            if self.unsummed is not None:
                self.unsummed = None
                log.warning("%s can be written again", self._sums.path)

    def _miss_sums(self, error: OSError) -> None:
        if self.unsummed is None:
            self.unsummed = f"{self._sums.path}: {error.strerror}: events come to disk, but get no checksum."
            log.warning("%s", self.unsummed)

    def _pause(self, span: float) -> None:
        """Wait so long, or until the end; it is no stall of the disk's."""
        until = time.monotonic() + span
        while (rest := until - time.monotonic()) > 0 and not self._closing.wait(min(rest, self._look_s)):
            self.turns += 1

    def _fail(self, error: OSError) -> None:
        why = _sentence(self._appender, error)
        if why != self._failing:
            self._failing = why
            self._tell(self._listener.failed, why)

    def _repair_at_the_end(self) -> None:
        with suppress(OSError):  # else the next start finds the torn line, keeps it aside and cuts it
            self._appender.repair()

    def _tell(self, news: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(news, *arguments)
        except RuntimeError:
            self._closing.set()  # the loop is closed: nobody is left to be told


def _sentence(appender: Appender, error: OSError) -> str:
    if isinstance(error, FileTouched):
        return f"{appender.path}: {error}. Until then nothing is carried out."
    advice = _ADVICE.get(error.errno or 0, "Look after its disk")
    return f"{appender.path}: {error.strerror}. {advice}; it is tried again every few seconds, and nothing is lost."
