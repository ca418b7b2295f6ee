"""How long the event loop stands still at most while something runs in it."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Final

BLOCKED_MS: Final = 100
"""For so long at most may a plugin keep the event loop: every bot waits meanwhile."""
BLOCKED_TRIES: Final = 3
"""A machine that is busy otherwise keeps the loop too; a plugin that blocks does it every time."""


class Heartbeat:
    """`async with Heartbeat() as heart:`; afterwards `heart.longest_ms` is the longest single step of the loop."""

    def __init__(self) -> None:
        self.longest_ms = 0.0

    async def __aenter__(self) -> Heartbeat:
        self._beating = asyncio.create_task(self._beat(), name="heartbeat")
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)  # which ends the span of what awaits nothing
        self._beating.cancel()

    async def _beat(self) -> None:
        while True:
            began = perf_counter()
            await asyncio.sleep(0)
            self.longest_ms = max(self.longest_ms, (perf_counter() - began) * 1_000)
