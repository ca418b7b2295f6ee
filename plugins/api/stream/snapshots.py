"""Snapshots as messages: taken at one seq, encoded in slices, shared by all clients that connect meanwhile."""

from __future__ import annotations

import asyncio
from typing import Final

from kernel.codec import encode
from kernel.context import Context
from kernel.errors import CommitFailed
from kernel.snapshot import Snapshot
from plugins.api.stream.encodings import EncodedMessage
from plugins.api.stream.ring import Ring
from plugins.api.stream.views import RoleView


class Notifier:
    """Wakes all waiters. Check the condition and call `wait` without an await in between."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()

    def notify_all(self) -> None:
        self._event.set()
        self._event = asyncio.Event()


class SharedSnapshot:
    """One cut of the state on its way to being bytes. `place` is the number of the batch that comes right after it."""

    def __init__(self, place: int) -> None:
        self.place: Final = place
        self.readers = 0
        self.encoding: asyncio.Task[None] | None = None
        self._messages: list[EncodedMessage] = []
        self._complete = False
        self._failure: Exception | None = None
        self._added = Notifier()

    async def message(self, number: int) -> EncodedMessage | None:
        """The message of that number, from 0, once it is encoded; None after the last. Raises CommitFailed."""
        while number >= len(self._messages):
            if self._failure is not None:
                raise self._failure
            if self._complete:
                return None
            await self._added.wait()
        return self._messages[number]

    def add(self, message: bytes) -> None:
        self._messages.append(EncodedMessage(message))
        self._added.notify_all()

    def end(self, failure: Exception | None = None) -> None:
        """Mark it complete, or failed."""
        self._complete, self._failure = True, failure
        self._added.notify_all()


class SharedSnapshots:
    """Takes as few snapshots as possible: a client joins one that is being read while the ring reaches back to it."""

    def __init__(self, ctx: Context, ring: Ring, view: RoleView) -> None:
        self._ctx = ctx
        self._ring = ring
        self._view = view
        self._latest: SharedSnapshot | None = None

    def take(self) -> SharedSnapshot:
        """A snapshot to read from; give it back when it has been read."""
        latest = self._latest
        if latest is None or not self._ring.has_headroom(latest.place):
            # nothing may happen between these two: the snapshot stands exactly between two batches
            place, rows = self._ring.seal(), self._ctx.snapshot()
            latest = self._latest = SharedSnapshot(place)
            latest.encoding = self._ctx.spawn(self._encode(latest, rows), f"snapshot at {rows.seq}")
        latest.readers += 1
        return latest

    def renew(self) -> None:
        """Whoever comes from now on reads a new one."""
        self._latest = None

    def give_back(self, snapshot: SharedSnapshot) -> None:
        """Release a reader; the last one frees the snapshot, and ends its encoding where it is under way."""
        snapshot.readers -= 1
        if not snapshot.readers:
            self._forget(snapshot)
            if snapshot.encoding is not None:
                snapshot.encoding.cancel()

    def _forget(self, snapshot: SharedSnapshot) -> None:
        if self._latest is snapshot:
            self._latest = None

    async def _encode(self, snapshot: SharedSnapshot, rows: Snapshot) -> None:
        try:
            await self._ctx.committed()  # nobody is shown what a crash could take back
            for part in rows.parts():
                snapshot.add(b"event: snapshot\nid: %d\ndata: %s\n\n" % (rows.seq, encode(self._view.part(part))))
                await asyncio.sleep(0)
        except Exception as error:
            self._forget(snapshot)
            snapshot.end(error)
            if not isinstance(error, CommitFailed):
                raise
        else:
            snapshot.end()
