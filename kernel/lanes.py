"""Where commands wait: behind others of their lane, and while the plugin that carries them out is being changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from kernel.codes import KernelRefusal
from kernel.errors import Unavailable

LANE_LENGTH: Final = 1_000
"""Commands that may wait in one lane."""
PAUSE_LENGTH: Final = 1_000
"""Commands that may wait for one plugin that is being changed."""


class _Lane:
    __slots__ = ("lock", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class Lanes:
    """Commands of one lane are carried out one after another, in the order in which they came."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, str], _Lane] = {}

    @asynccontextmanager
    async def turn(self, key: tuple[str, str] | None) -> AsyncIterator[None]:
        """Have the lane alone during the block; None is no lane. Raises Unavailable when too many wait."""
        if key is None:
            yield
            return
        lane = self._lanes.setdefault(key, _Lane())
        if lane.users > LANE_LENGTH:
            raise Unavailable(KernelRefusal.LANE_FULL, f"{LANE_LENGTH} commands of {key[0]} for {key[1]} wait already.")
        lane.users += 1
        try:
            async with lane.lock:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                self._lanes.pop(key, None)


class _Pause:
    __slots__ = ("ended", "kinds", "owner", "waiting")

    def __init__(self, owner: str, kinds: frozenset[str], ended: asyncio.Future[None]) -> None:
        self.owner = owner
        self.kinds = kinds
        self.ended = ended
        self.waiting = 0


class Pauses:
    """Commands of a plugin that is being changed wait for whoever carries them out afterwards."""

    def __init__(self) -> None:
        self._pauses: list[_Pause] = []

    @contextmanager
    def during(self, owner: str, kinds: frozenset[str]) -> Iterator[None]:
        """Pause these kinds of commands during the block, but for those that `owner` itself gives."""
        pause = _Pause(owner, kinds, asyncio.get_running_loop().create_future())
        self._pauses.append(pause)
        try:
            yield
        finally:
            self._pauses.remove(pause)
            pause.ended.set_result(None)

    async def passed(self, kind: str, via_plugin: str) -> None:
        """Return when this kind is not paused for that via_plugin. Raises Unavailable when too many wait for that."""
        while pause := next((p for p in self._pauses if kind in p.kinds and p.owner != via_plugin), None):
            if pause.waiting >= PAUSE_LENGTH:
                text = f"{pause.owner} is being changed, and {PAUSE_LENGTH} commands wait for it already."
                raise Unavailable(KernelRefusal.CHANGING, text, retry_after=1_000)
            pause.waiting += 1
            try:
                await asyncio.wait((pause.ended,))
            finally:
                pause.waiting -= 1
