"""One client of the event stream: its position in the ring, and backpressure from its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from litestar.types import Scope, Send

from kernel.clock import Millis
from kernel.errors import CommandError
from plugins.api.auth.callers import Caller
from plugins.api.http.answers import answer, refusal
from plugins.api.http.connections import wire_of
from plugins.api.stream.channels import Channel
from plugins.api.stream.encodings import EncodedMessage, Encoding, framed
from plugins.api.stream.presence import page_of

HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"vary", b"accept-encoding"),
)


TIME: Final = b"switchboard-time"
"""The server's time in UTC milliseconds: a page shows ages, and its own machine's clock may be wrong."""


class Client:
    """One connection of the event stream, and its caller.

    A task of its own sends it the snapshot and whatever it is behind. From then on the channel writes to it with all
    others, for as long as the connection takes everything at once.
    """

    def __init__(
        self,
        scope: Scope,
        send: Send,
        stall_s: float,
        channel: Channel,
        encoding: Encoding | None,
        now: Callable[[], Millis],
    ) -> None:
        self.channel: Final = channel
        self.encoding: Final = encoding
        self.caller: Caller = scope["user"]
        self.begun = False
        self.page: Final = page_of(scope)
        self.told = 0
        """The version of the presence message that it was sent."""
        self.place: int | None = None
        """The batch that it gets next; None while it is being given a snapshot."""
        self._wire: Final = wire_of(scope)
        self._send = send
        self._stall_s = stall_s
        self._now = now
        self._clock = asyncio.get_running_loop().time
        self._written_at = self._clock()
        self._woken = asyncio.Event()

    @property
    def lag(self) -> int:
        """How many released batches it has not been sent."""
        return 0 if self.place is None else self.channel.ring.released - self.place

    async def has_room(self) -> None:
        """Wait for room in the write buffer. Raises TimeoutError after `stall_s`."""
        if self._wire.full:
            async with asyncio.timeout(self._stall_s):
                await self._wire.has_room()

    async def write(self, message: EncodedMessage) -> None:
        """Send a message as soon as there is room. Raises TimeoutError as `has_room` does."""
        chunk = await message.chunk(self.encoding)
        await self.has_room()
        if not self.begun:
            await self._begin()
        self._put(chunk)

    def _put(self, chunk: bytes) -> None:
        self._wire.write(chunk)
        self._written_at = self._clock()

    async def _begin(self) -> None:
        self.begun = True
        headers = [*HEADERS, (TIME, b"%d" % self._now())]
        if self.encoding is not None:
            headers.append((b"content-encoding", self.encoding.name))
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        if self.encoding is not None and self.encoding.prologue:
            self._wire.write(framed(self.encoding.prologue))

    async def follow_until_woken(self, silence_s: float) -> bool:
        """Follow the channel until woken; False after `silence_s` without a write."""
        self._woken.clear()
        self.channel.followers[self] = None
        try:
            while (left := self._written_at + silence_s - self._clock()) > 0:
                try:
                    async with asyncio.timeout(left):
                        await self._woken.wait()
                except TimeoutError:
                    continue  # something may have been written since
                return True
        finally:
            self.channel.followers.pop(self, None)
        return False

    def follow(self) -> None:
        """Write the released batches; where the buffer is full or a batch is gone, the sender task takes over."""
        ring = self.channel.ring
        while self.place is not None and ring.holds(self.place) and not self._wire.full:
            batch = ring.get(self.place)
            if batch is None:
                return
            self._put(batch.chunk_now(self.encoding))
            self.place += 1
        self.wake()

    def wake(self) -> None:
        """Wake the client's sender task."""
        self.channel.followers.pop(self, None)
        self._woken.set()

    async def end(self) -> None:
        """End the response regularly."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def refuse(self, refused: CommandError) -> None:
        """Answer with an error, or end a stream that has begun."""
        await (self.end() if self.begun else answer(self._send, refusal(refused)))

    def abort(self) -> None:
        """Drop the connection."""
        self._wire.abort()
