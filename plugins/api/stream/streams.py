"""`GET /api/event-stream`: a snapshot, then every event, to any number of clients from one ring.

A client has no queue. It is a number in the ring: those at its end are written to all at once, and a task of its own
brings one that is behind as fast as its connection takes it. One that falls behind by more than the ring holds gets a
new snapshot, never a history with a hole in it; one that takes nothing at all is cut off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from litestar.types import Receive, Scope, Send
from msgspec import Struct

from kernel.codes import KernelRefusal
from kernel.context import Context
from kernel.errors import CommandError, CommitFailed, Rejected, Unavailable
from kernel.measures import Measure
from plugins.api.auth.access import Access
from plugins.api.auth.callers import Caller
from plugins.api.codes import ApiRefusal
from plugins.api.http.answers import answer, refusal
from plugins.api.stream.channels import Channel
from plugins.api.stream.clients import Client
from plugins.api.stream.encodings import EncodedMessage, Encoding, choose
from plugins.api.stream.presence import Id as PageId
from plugins.api.stream.presence import PresenceRegistry
from plugins.api.stream.views import RoleView

PATH: Final = "/api/event-stream"
KEEP_ALIVE: Final = EncodedMessage(b": still here\n\n")
REVOCATION_CHECK_S: Final = 5.0
"""How often the callers of open streams are checked for revocation."""
CLOSING_S: Final = 0.5
"""How long clients get to read the end of their stream when the system stops."""


class StreamQuery(Struct, frozen=True):
    """What a client may say in the query."""

    page: PageId | None = None
    """The name of the page that reads it, which is sent `presence` too."""


class Limits(NamedTuple):
    """How the streams behave."""

    window_s: float
    """At most one batch in this time."""
    keep_alive_s: float
    """After so much silence a comment is sent."""
    stall_s: float
    """A client that takes nothing for so long is cut off."""
    clients: int
    of_one: int
    """Streams of one and the same caller."""
    ring_bytes: int
    compress: bool


class Streams:
    """Admits and serves the clients of the event stream."""

    def __init__(self, ctx: Context, access: Access, limits: Limits) -> None:
        self._ctx = ctx
        self._access = access
        self._limits = limits
        self._channels: dict[RoleView, Channel] = {}
        self._clients: dict[Client, asyncio.Task[None]] = {}
        self._closing = False
        self.room: Final = PresenceRegistry(self._wake)
        self._snapshots_sent = self._fallen_behind = self._cut_off = 0

    def __len__(self) -> int:
        """How many clients there are."""
        return len(self._clients)

    def measures(self) -> Sequence[Measure]:
        """Open streams, lag, snapshots and disconnects."""
        lag = max((client.lag for client in self._clients), default=0)
        behind = "Streams whose client was so slow that it got a new snapshot."
        return (
            Measure.gauge("api_streams", "Event streams that are open.", len(self)),
            Measure.gauge("api_stream_lag_batches", "By how many batches the slowest client is behind.", lag),
            Measure.counter("api_stream_snapshots", "Snapshots begun to be sent.", self._snapshots_sent),
            Measure.counter("api_stream_resets", behind, self._fallen_behind),
            Measure.counter("api_stream_cut_offs", "Streams cut off, as the client took nothing.", self._cut_off),
        )

    def open(self) -> None:
        """Start the tasks behind the streams."""
        self._ctx.spawn(self._watch_callers(), "end streams of revoked callers")
        self._ctx.spawn(self.room.run(), "broadcast presence")

    async def close(self) -> None:
        """End every stream; drop connections that do not read the end in time."""
        self._closing = True
        self._wake()
        if self._clients:
            await asyncio.wait(self._clients.values(), timeout=CLOSING_S)
        for client in self._clients:
            client.abort()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client until it disconnects."""
        try:
            self._admit(scope["user"])
            channel = self._channel(RoleView.of(scope["user"].role))
            encoding, now = self._encoding_for(scope), self._ctx.clock.now
            client = Client(scope, send, self._limits.stall_s, channel, encoding, now)
        except CommandError as refused:
            await answer(send, refusal(refused))
            return
        if client.page is not None:
            self.room.join(client.caller, client.page, client)
        pump = self._ctx.spawn(self._run_sender(client), f"event stream of {client.caller.actor}")
        self._clients[client] = pump
        try:
            while (await receive())["type"] != "http.disconnect":
                pass  # which comes when either side has ended the stream
        finally:
            del self._clients[client]
            if client.page is not None:
                self.room.leave(client.caller, client.page, client)
            pump.cancel()

    def _wake(self) -> None:
        """Wake every client's sender task, for something that is no batch."""
        for client in self._clients:
            client.wake()

    def _encoding_for(self, scope: Scope) -> Encoding | None:
        if not self._limits.compress:
            return None
        return choose(dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1"))

    def _channel(self, view: RoleView) -> Channel:
        if view not in self._channels:
            window_s, ring_bytes = self._limits.window_s, self._limits.ring_bytes
            self._channels[view] = Channel(self._ctx, view, window_s=window_s, ring_bytes=ring_bytes)
        return self._channels[view]

    def _admit(self, caller: Caller) -> None:
        if self._closing:
            raise Unavailable(KernelRefusal.STOPPING, "The system is stopping.", retry_after=2_000)
        if len(self._clients) >= self._limits.clients:
            text = f"There are {self._limits.clients} event streams already, which is the limit; close one."
            raise Unavailable(ApiRefusal.TOO_MANY_STREAMS, text, retry_after=5_000)
        if sum(client.caller.actor == caller.actor for client in self._clients) >= self._limits.of_one:
            text = f"{caller.actor} has {self._limits.of_one} event streams already, which is the limit; close one."
            raise Rejected(ApiRefusal.TOO_MANY_STREAMS, text, retry_after=5_000)

    async def _run_sender(self, client: Client) -> None:
        """Send snapshots and batches until the system stops."""
        try:
            while not self._closing:
                client.place = await self._send_snapshot(client)
                await self._follow(client)
                client.place = None
            await client.refuse(Unavailable(KernelRefusal.STOPPING, "The system is stopping.", retry_after=2_000))
        except CommitFailed as error:
            text = f"The journal cannot write, so the state cannot be shown: {error}"
            await client.refuse(Unavailable(KernelRefusal.NOT_DURABLE, text, retry_after=5_000))
        except TimeoutError:
            self._ctx.log.info("%s read nothing for %s s; disconnected", client.caller.actor, self._limits.stall_s)
            self._cut_off += 1
            client.abort()
        except Exception:
            client.abort()
            raise

    async def _send_snapshot(self, client: Client) -> int:
        """Send the whole state. Returns the number of the batch that comes next."""
        ring, snapshots = client.channel.ring, client.channel.snapshots
        snapshot = snapshots.take()
        self._snapshots_sent += 1
        try:
            number = 0
            while (message := await snapshot.message(number)) is not None and ring.holds(snapshot.place):
                await client.write(message)
                number += 1
        finally:
            snapshots.give_back(snapshot)
        return snapshot.place

    async def _follow(self, client: Client) -> None:
        """Send batch after batch. Returns where the client fell behind the ring, or the system stops."""
        ring = client.channel.ring
        while not self._closing:
            await client.has_room()
            if client.place is None or not ring.holds(client.place):
                self._fallen_behind += 1
                return
            batch = ring.get(client.place)
            if batch is not None:
                await client.write(batch)
                client.place += 1
            elif client.page is not None and client.told != self.room.version:
                client.told = self.room.version
                await client.write(self.room.message)
            elif not await client.follow_until_woken(self._limits.keep_alive_s):
                await client.write(KEEP_ALIVE)

    async def _watch_callers(self) -> None:
        while True:
            await asyncio.sleep(REVOCATION_CHECK_S)
            for client in list(self._clients):
                if not self._access.holds(client.caller):
                    self._ctx.log.info(
                        "%s: %s was revoked; its stream is disconnected", client.caller.actor, client.caller.via
                    )
                    client.abort()
