"""Tells that a player writes a great deal: an event that nobody had before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from kernel.clock import MINUTE
from kernel.events import ChatMessageReceived, Envelope, Event
from kernel.ids import ChatId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import Sender


class FloodRaised(Event, frozen=True, kw_only=True):
    """A player wrote so many lines within a minute."""

    kind: ClassVar[str] = "flood_alarm.raised"
    chat_id: ChatId
    lines: int


class FloodAlarm(Plugin[PluginConfig]):
    events: ClassVar[Sequence[type[Event]]] = (FloodRaised,)
    most = 5

    async def start(self) -> None:
        self.ctx.subscribe(ChatMessageReceived, self.look)

    def look(self, envelope: Envelope, event: ChatMessageReceived) -> None:
        messages = self.ctx.state.chats[event.chat_id].messages
        lines = sum(m.sender is Sender.PLAYER and m.ts > envelope.ts - MINUTE for m in messages)
        if lines == self.most + 1:
            self.ctx.publish(FloodRaised(chat_id=event.chat_id, lines=lines))
