"""`GET /api/panels`: the panels of the plugins that run now, and of those that cannot be shown, why."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from litestar.types import Scope
from msgspec import Struct

from kernel.clock import Millis
from kernel.codec import encode
from kernel.context import Context
from kernel.panels import PanelBroken, PanelFault, PluginPanel, ShownPanel
from kernel.routes import Nothing
from plugins.api.http.answers import HttpReply

PATH: Final = "/api/panels"
ASK_AGAIN: Final = 30_000
"""Milliseconds after which a panel that failed is asked for again. One whose plugin was changed is at once."""


class PanelCard(Struct, frozen=True, kw_only=True):
    """What a plugin shows, or why that cannot be shown."""

    plugin: str
    panel: ShownPanel | None = None
    fault: PanelFault | None = None
    detail: str | None = None
    """What of it is wrong, in English."""


class PanelList(Struct, frozen=True):
    """The cards, in the plugins' order."""

    panels: tuple[PanelCard, ...]


class _Edition(NamedTuple):
    """A plugin as it has run since it was last started, reloaded or put back."""

    plugin: str
    code: str | None
    since: Millis | None


class _Broken(NamedTuple):
    card: PanelCard
    edition: _Edition
    asked: Millis


class Panels:
    """Asks for the panels. However many pages look, each edition of a plugin is asked once at a time: one that goes on
    after its deadline is not asked again until it has ended.

    A panel that stays broken is counted against its plugin once, until it is whole or the plugin is changed: looking at
    a page must not switch off a plugin that does its work.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._asked: dict[_Edition, asyncio.Task[PanelCard | None]] = {}
        self._left: dict[_Edition, asyncio.Task[object]] = {}
        """Hooks that were late and have not ended yet, though they were called off."""
        self._broken: dict[str, _Broken] = {}

    async def serve(self, _: Scope, __: Nothing) -> HttpReply:
        found = await asyncio.gather(*(self._card(panel) for panel in self._ctx.hooks.panels()))
        return HttpReply(200, encode(PanelList(tuple(card for card in found if card is not None))))

    async def _card(self, panel: PluginPanel) -> PanelCard | None:
        row = self._ctx.state.plugins.get(panel.plugin)
        edition = _Edition(panel.plugin, row and row.code, row and row.since)
        task = self._asked.get(edition)
        if task is None:
            task = self._ctx.spawn(self._ask(panel, edition), f"panel of {panel.plugin}")
            self._asked[edition] = task
            task.add_done_callback(lambda _: self._asked.pop(edition))
        return await asyncio.shield(task)

    async def _ask(self, panel: PluginPanel, edition: _Edition) -> PanelCard | None:
        name, now = panel.plugin, self._ctx.clock.elapsed()
        before = self._broken.get(name)
        if before is not None and before.edition != edition:
            before = None
        if before is not None and (now - before.asked < ASK_AGAIN or edition in self._left):
            return before.card
        try:
            shown = await panel.read()
        except PanelBroken as broken:
            if before is None:
                panel.blame(broken)
            if broken.left is not None:
                self._leave(edition, broken.left)
            card = PanelCard(plugin=name, fault=broken.fault, detail=broken.detail)
            self._broken[name] = _Broken(card, edition, now)
            return card
        self._broken.pop(name, None)
        return None if shown is None else PanelCard(plugin=name, panel=shown)

    def _leave(self, edition: _Edition, hook: asyncio.Task[object]) -> None:
        """Let it run on beside all else, until it ends."""

        def forget(ended: asyncio.Task[object]) -> None:
            self._left.pop(edition, None)
            if not ended.cancelled():
                ended.exception()  # it was told as late; nobody asks for what it comes to

        self._left[edition] = hook
        hook.add_done_callback(forget)
