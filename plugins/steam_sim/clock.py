"""The clock that the simulated Steam runs by: what time it is, and how to wait."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Drives what the world does by itself (players' delays, timestamps of messages). The kernel's clock is one."""

    def now(self) -> int:
        """UTC milliseconds since the epoch."""
        ...

    async def sleep(self, span: int, /) -> None:
        """Come back when `span` milliseconds have passed by this clock."""
        ...
