"""The writer's thread: it wakes every so often, takes what is committed, and gives way to the event loop meanwhile."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw
import msgspec

from kernel.forgetting import ForgottenPersons
from kernel.segments import EventsUnreadable
from plugins.history import schema
from plugins.history.writer import DAMAGED, ArchiveWriter

PAUSE_S: Final = 0.001
"""After each piece: a thread that decodes without a pause makes the loop late."""
CHECKPOINT_S: Final = 5.0
RETRY_S: Final = 5.0
FAILURES: Final = (apsw.Error, OSError, EventsUnreadable, msgspec.MsgspecError, OverflowError)
"""What keeps the archive from going on; it is tried again, and said in the health meanwhile."""


class ArchiveFollower:
    """Runs an ArchiveWriter in a thread of its own. Its figures may be read by any."""

    def __init__(
        self, writer: ArchiveWriter, log: logging.Logger, *, batch_s: float, committed: Callable[[], int], wish: Path
    ) -> None:
        """`committed` says the last event that the journal has on disk. A file at `wish` asks to build it anew."""
        self.writer: Final = writer
        self.trouble: str | None = None
        """Why the archive does not go on; a sentence."""
        self.rebuilds = 0
        self._log = log
        self._batch_s = batch_s
        self._committed = committed
        self._wish = wish
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._wanted_anew: str | None = None
        self._open = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._forgetting: list[tuple[ForgottenPersons, asyncio.Future[None]]] = []
        self._synced = 0.0

    def start(self) -> None:
        """Begin, from a running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="history writer", daemon=True)
        self._thread.start()

    async def stop(self, deadline: float) -> bool:
        """Sync what was written, and end. False where the thread has not ended in that many seconds."""
        self._stopping.set()
        self._wake.set()
        thread = self._thread
        if thread is None:
            return True
        await asyncio.to_thread(thread.join, deadline)
        return not thread.is_alive()

    def begin_anew(self, why: str) -> None:
        """Have the archive built anew from the journal."""
        self._wanted_anew = why
        self._wake.set()

    async def forget(self, persons: ForgottenPersons) -> None:
        """Return once these persons are out of the file. It is tried again as long as the file takes nothing."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._forgetting.append((persons, done))
        self._wake.set()
        await done

    async def reached(self, seq: int) -> None:
        """Return once the archive has that event."""
        if self.writer.cursor >= seq:
            return
        found: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, found))
        self._wake.set()
        await found

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._turn()
                self.trouble = None
                wait = self._batch_s
            except DAMAGED as error:
                self._recover(f"it is damaged: {error}")
                wait = 0.0
            except FAILURES as error:
                self._fail(error)
                wait = RETRY_S
            self._tell()
            self._wake.wait(wait)
        try:
            self.writer.checkpoint()
        except FAILURES as error:
            self._fail(error)
        self.writer.close()

    def _turn(self) -> None:
        """One look at the journal."""
        if self._wish.exists():
            self._wish.unlink(missing_ok=True)
            self._wanted_anew = "somebody has asked for it"
        if self._wanted_anew is not None:
            why, self._wanted_anew = self._wanted_anew, None
            self.rebuilds += 1
            self.writer.begin_anew(why)
            self._open = True
        if not self._open:
            self.writer.open()
            self._open = True
        if self._committed() > self.writer.cursor:
            self.writer.catch_up(self._go_on)
        while self._forgetting:
            persons, done = self._forgetting[0]
            self.writer.forget(persons)
            del self._forgetting[0]
            self._resolve(done)
        now = time.monotonic()
        if now - self._synced >= CHECKPOINT_S:
            self._synced = now
            self.writer.checkpoint()

    def _go_on(self) -> bool:
        return not self._stopping.wait(PAUSE_S) and self._wanted_anew is None

    def _recover(self, why: str) -> None:
        """Begin anew at the next turn."""
        self._wanted_anew = why
        self._open = False

    def _fail(self, error: Exception) -> None:
        said = f"{schema.FILE}: {str(error) or type(error).__name__}"
        if said != self.trouble:
            self._log.error("the archive does not go on: %s", said)
        self.trouble = said

    def _resolve(self, done: asyncio.Future[None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_settle, done)

    def _tell(self) -> None:
        """Let those go on who wait for an event."""
        if self._loop is not None and not self._loop.is_closed() and self._waiting:
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        cursor = self.writer.cursor
        for seq, found in self._waiting:
            if seq <= cursor and not found.done():
                found.set_result(None)
        self._waiting = [(seq, found) for seq, found in self._waiting if not found.done()]


def _settle(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
