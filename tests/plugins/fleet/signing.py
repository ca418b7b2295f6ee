"""A transport for tests of who is online: sign-ins take time, and end as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from kernel.clock import SECOND, Millis
from kernel.codes import OffReason, Undeclared
from kernel.commands import ConnectBot
from kernel.context import Context
from kernel.errors import NotSent
from kernel.events import BotAuthFailed, BotConnected, BotConnecting, BotDisconnected
from kernel.ids import BotId
from kernel.plugin import PluginConfig
from kernel.rows import BotStatus
from kernel.testing import NOON, FakeTransport, World

SIGN_IN: Final = 3 * SECOND
"""How long (ms) a sign-in takes."""


class Signing(FakeTransport):
    """Each sign-in takes `SIGN_IN`; `ends` then says how: connected, off, authFailed, refused, silent or hangs."""

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.ends: Callable[[BotId], str] = lambda _: "connected"
        self.retry_at: Millis | None = None
        self.starts: list[tuple[int, BotId]] = []
        self.under_way: set[BotId] = set()
        self.most_under_way = 0

    async def start(self) -> None:
        await super().start()
        for bot in self.ctx.state.bots.rows():
            if bot.status in {BotStatus.CONNECTED, BotStatus.CONNECTING}:
                self.ctx.publish(
                    BotDisconnected(bot_id=bot.id, reason=OffReason.RESTARTED, detail="", retry_at=self.ctx.clock.now())
                )

    async def connect(self, command: ConnectBot) -> None:  # type: ignore[override]
        bot_id = command.bot_id
        self.starts.append((self.ctx.clock.now() - NOON, bot_id))
        end = self.ends(bot_id)
        if end == "refused":
            raise NotSent(Undeclared("noDirectory"), "Steam's directory does not answer.", retry_after=SECOND)
        if end == "silent":
            return
        self.ctx.publish(BotConnecting(bot_id=bot_id))
        self.under_way.add(bot_id)
        self.most_under_way = max(self.most_under_way, len(self.under_way))
        try:
            if end == "hangs":
                await asyncio.Event().wait()
            await self.ctx.clock.sleep(SIGN_IN)
        finally:
            self.under_way.discard(bot_id)
        self._end(bot_id, end)

    def _end(self, bot_id: BotId, end: str) -> None:
        bot = self.ctx.state.bots.get(bot_id)
        if bot is None or bot.status is not BotStatus.CONNECTING:
            return  # called off meanwhile
        if end == "off":
            off = BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail="d", retry_at=self.retry_at)
            self.ctx.publish(off)
        elif end == "authFailed":
            failed = BotAuthFailed(
                bot_id=bot_id, reason=Undeclared("invalidPassword"), detail="d", next_step="Give the password."
            )
            self.ctx.publish(failed)
        else:
            self.ctx.publish(BotConnected(bot_id=bot_id))


def signing(world: World) -> Signing:
    return world.plugin(Signing)


def online(world: World) -> set[BotId]:
    return {bot.id for bot in world.state.bots.values() if bot.status is BotStatus.CONNECTED}


def add_bots(world: World, number: int) -> list[BotId]:
    return [world.add_bot(connected=False) for _ in range(number)]


def drop(world: World, bot_id: BotId) -> None:
    world.ctx.publish(
        BotDisconnected(bot_id=bot_id, reason=Undeclared("connectionLost"), detail="The connection broke.")
    )
