"""Counts what players write, for whoever watches the metrics."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.events import ChatMessageReceived, Envelope
from kernel.hookspecs import hookimpl
from kernel.measures import Measure
from kernel.plugin import Plugin, PluginConfig


class TalkCounter(Plugin[PluginConfig]):
    heard = 0

    async def start(self) -> None:
        self.ctx.subscribe(ChatMessageReceived, self.count)

    def count(self, envelope: Envelope, event: ChatMessageReceived) -> None:
        self.heard += 1
        self.ctx.log.info("%s writes in %s", envelope.actor, event.chat_id)

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        return (Measure.counter("talk_heard_total", "Messages from players.", self.heard),)
