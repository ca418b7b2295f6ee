"""How many chats a bot has, at a route of HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from kernel.hookspecs import hookimpl
from kernel.ids import BotId
from kernel.plugin import Plugin, PluginConfig
from kernel.roles import Role
from kernel.routes import Method, Route


class Wanted(Struct, frozen=True, rename="camel"):
    """The query: `?botId=…`."""

    bot_id: BotId


class Counted(Struct, frozen=True):
    """The answer."""

    chats: int


class ChatPage(Plugin[PluginConfig]):
    @hookimpl
    def routes(self) -> Sequence[Route[Any, Any]]:
        counts = Route(
            method=Method.GET,
            path="/chats",
            summary="How many chats a bot has",
            role=Role.OPERATOR,
            takes=Wanted,
            answers=Counted,
            handler=self.count,
        )
        return (counts,)

    def count(self, wanted: Wanted) -> Counted:
        return Counted(sum(chat.bot_id == wanted.bot_id for chat in self.ctx.state.chats.values()))
