"""A ring buffer of the latest events, in batches: built once, shared by every client, bounded in bytes.

A batch has a number; a client is nothing but the number of the batch that it has to get next. Batches are sealed
when their window ends, and released once they are on disk: what a crash could take back is shown to nobody.
"""

from __future__ import annotations

import asyncio
from typing import Final

from kernel.events import Envelope
from plugins.api.stream.encodings import EncodedMessage

BATCH_BYTES: Final = 64 * 1024
"""A batch is sealed when it is that long, so that no message of the stream is much longer."""
OVERHEAD: Final = 256
"""What a batch costs in memory beside its bytes, about."""


class Ring:
    """Batches `first` to `released` may be sent; older ones were dropped."""

    def __init__(self, capacity: int) -> None:
        """`capacity` in bytes, before compression; each coding that clients ask for adds about a quarter."""
        self._capacity = capacity
        self._batches: dict[int, EncodedMessage] = {}
        self._size = 0
        self._first = 0
        self._next = 0
        self._released = 0
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._last_seq = 0
        self.filled: Final = asyncio.Event()
        """Set while there are events that have not been released."""

    def push(self, envelope: Envelope, line: bytes) -> None:
        """Append the next event; called by the bus."""
        self._pending.append(line)
        self._pending_size += len(line)
        self._last_seq = envelope.seq
        if self._pending_size >= BATCH_BYTES:
            self.seal()
        self.filled.set()

    def seal(self) -> int:
        """Seal the current batch. Returns the number of the next: a position between two events."""
        if self._pending:
            batch = b"event: batch\nid: %d\ndata: [%s]\n\n" % (self._last_seq, b",".join(self._pending))
            self._pending, self._pending_size = [], 0
            self._add(batch)
        return self._next

    def seal_with(self, message: bytes) -> int:
        """Seal the current batch, and append a message about the state as of its last event."""
        self.seal()
        self._add(message)
        return self._next

    def _add(self, message: bytes) -> None:
        self._batches[self._next] = EncodedMessage(message)
        self._next += 1
        self._size += len(message) + OVERHEAD
        while self._size > self._capacity and len(self._batches) > 1:
            self._size -= self._batches.pop(self._first).size + OVERHEAD
            self._first += 1

    def release(self, number: int) -> None:
        """Release all batches before `number`: they are on disk."""
        self._released = max(self._released, number)
        if self._released == self._next and not self._pending:
            self.filled.clear()

    def holds(self, number: int) -> bool:
        """Whether a client at `number` has missed nothing."""
        return number >= self._first

    def has_headroom(self, number: int) -> bool:
        """Whether a client may start at `number`: half the ring is left before that is dropped."""
        half_empty = self._size * 2 <= self._capacity
        return self.holds(number) and (half_empty or number * 2 >= self._first + self._next)

    @property
    def released(self) -> int:
        """The number of the batch that comes next."""
        return self._released

    def get(self, number: int) -> EncodedMessage | None:
        """The batch, ready to be sent; None when it is not released yet. Only for a number that the ring holds."""
        return self._batches[number] if number < self._released else None
