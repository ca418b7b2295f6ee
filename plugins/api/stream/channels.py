"""Broadcast channels, one a view: a ring of batches, and snapshots that are consistent with it."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from kernel.checks import Round
from kernel.codec import encode
from kernel.context import Context
from kernel.errors import CommitFailed
from kernel.events import Envelope, PlayerForgotten
from plugins.api.stream.ring import Ring
from plugins.api.stream.snapshots import SharedSnapshots
from plugins.api.stream.views import RoleView

CLIENTS_AT_ONCE: Final = 100
"""How many are written to before whatever else is waiting gets its turn."""
BATCHES_PER_CHECK: Final = 10
"""At the full rate of twenty batches a second, two thousand rows are checked in a second."""
JOURNAL_RETRY_S: Final = 1.0
"""How long to wait before asking again a journal that could not write."""


class Follower(Protocol):
    """A client that is up to date, and whose connection has room."""

    def follow(self) -> None:
        """Write the batches released since."""


class Channel:
    """Batches the events of one view from its creation on; created for the first client with that view."""

    def __init__(self, ctx: Context, view: RoleView, *, window_s: float, ring_bytes: int) -> None:
        """At most one batch in `window_s` seconds."""
        self._ctx = ctx
        self._view = view
        self._window_s = window_s
        self._round = Round(ctx.state, view.rows)
        self._unchecked = 0
        self.ring: Final = Ring(ring_bytes)
        self.snapshots: Final = SharedSnapshots(ctx, self.ring, view)
        self.followers: Final[dict[Follower, None]] = {}
        """Who is written to as soon as there is more. Who has no room, or wants something else, takes itself out."""
        ctx.tap(self._take)
        ctx.subscribe(PlayerForgotten, lambda _, __: self.snapshots.renew())
        ctx.spawn(self._flush(), f"flush batches of the {view.value} view")

    def _take(self, envelope: Envelope, line: bytes) -> None:
        self.ring.push(envelope, self._view.line(envelope, line))

    def _seal(self) -> int:
        """Seal the batch, every tenth one followed by checksums. Returns the number of the next."""
        self._unchecked += 1
        if self._unchecked < BATCHES_PER_CHECK:
            return self.ring.seal()
        self._unchecked = 0
        # nothing may happen between these two: the checks stand at the last event of the batch
        checks = self._round.next()
        return self.ring.seal_with(b"event: check\ndata: %s\n\n" % encode(checks))

    async def _flush(self) -> None:
        """Seal, commit and release batches: at once after a silence, at most once per window."""
        clock = asyncio.get_running_loop().time
        last = clock() - self._window_s
        while True:
            await self.ring.filled.wait()
            last = max(last + self._window_s, clock())  # and not when the sleep is over: it would drift, and add up
            await asyncio.sleep(last - clock())
            place = self._seal()
            try:
                await self._ctx.committed()
            except CommitFailed:
                await asyncio.sleep(JOURNAL_RETRY_S)
            else:
                self.ring.release(place)
                await self._write_to_followers()

    async def _write_to_followers(self) -> None:
        """Write to all followers in one pass, instead of waking a task for each."""
        for number, follower in enumerate(list(self.followers), 1):
            if follower in self.followers:
                follower.follow()
            if not number % CLIENTS_AT_ONCE:
                await asyncio.sleep(0)
