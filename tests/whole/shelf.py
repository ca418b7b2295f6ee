"""An archive that has on disk what the journal has: so rows leave the state as early as they may."""

from __future__ import annotations

from kernel.clock import MINUTE
from kernel.hookspecs import hookimpl
from kernel.plugin import Plugin, PluginConfig
from plugins.history.leaving import Leaving

SOONEST_MS = 11 * MINUTE
"""What is read back for a chat begins ten minutes before it."""
OVERLAP_S = 90
"""Little more than the transport reads back before what it knows."""
NAME = "shelf"


class ShelfConfig(PluginConfig, frozen=True, kw_only=True):
    """`leaving`: whether it takes anything."""

    leaving: bool = False


class Shelf(Plugin[ShelfConfig]):
    """Keeps nothing in the state that may leave it."""

    Config = ShelfConfig

    async def start(self) -> None:
        if self.config.leaving:
            self.ctx.spawn(Leaving(self.ctx, keep_ms=0, keep_rows=0).run(), "leaving")

    @hookimpl
    def archived_upto(self) -> int | None:
        return self.ctx.state.seq - self.ctx.uncommitted
