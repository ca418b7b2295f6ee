"""A transport whose Steam is two dictionaries: the smallest one that fits, for whoever writes another."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TypeVar

from kernel import commands as c
from kernel.codes import KernelRefusal, Open
from kernel.context import Context
from kernel.errors import Binds, InDoubt, NotSent, RefusedBySteam
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    FriendInviteSent,
    FriendMessageArrived,
    FriendRelationshipChanged,
    Relationship,
)
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, SteamId64
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import BotStatus
from plugins.steam.codes import SteamRefusal

R = TypeVar("R")
Pair = tuple[BotId, SteamId64]
TAKES, REFUSES, LOSES_THE_ANSWER, TAKES_NOTHING = "takes", "refuses", "loses the answer", "takes nothing"
"""What the Steam of this transport does with a request."""


class MemoryTransport(Plugin[PluginConfig]):
    """Everybody is reached at once, and nothing outlives it."""

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.standings: dict[Pair, Relationship] = {}
        self.lines: dict[Pair, list[c.HistoryLine]] = {}
        self.mood = TAKES
        self.invited: list[Pair] = []
        """Every invite that a player has got."""
        self._ordinals = count(1)

    async def start(self) -> None:
        self.ctx.handle(c.ConnectBot, self.connect)
        self.ctx.handle(c.DisconnectBot, self.disconnect)
        self.ctx.handle(c.SendInvite, self.invite)
        self.ctx.handle(c.WithdrawInvite, self.withdraw)
        self.ctx.handle(c.DeliverMessage, self.deliver)
        self.ctx.handle(c.ReadHistory, self.history)

    @hookimpl
    def relationship(self, bot_id: BotId, player: SteamId64) -> Open[Relationship] | None:
        return self.standings.get((bot_id, player), Relationship.NONE)

    def connect(self, command: c.ConnectBot) -> None:
        bot = self.ctx.state.bots.get(command.bot_id)
        if bot is None or bot.status == BotStatus.CONNECTED:
            return
        self.ctx.publish(BotConnecting(bot_id=bot.id))
        self.ctx.publish(BotConnected(bot_id=bot.id))

    def disconnect(self, command: c.DisconnectBot) -> None:
        if self._is_online(command.bot_id):
            told = BotDisconnected(bot_id=command.bot_id, reason=command.reason, detail="The bot was logged off.")
            self.ctx.publish(told)

    def invite(self, command: c.SendInvite) -> None:
        self._expect_online(command.bot_id)
        self._ask(lambda: self._show_invite(command.bot_id, command.player))
        self.ctx.publish(FriendInviteSent(task_id=command.task_id, bot_id=command.bot_id, player=command.player))

    def withdraw(self, command: c.WithdrawInvite) -> None:
        if self.standings.get((command.bot_id, command.player)) == Relationship.REQUEST_INITIATOR:
            self.relate(command.bot_id, command.player, Relationship.NONE)

    def deliver(self, command: c.DeliverMessage) -> c.Delivered:
        self._expect_online(command.bot_id)
        line = self._ask(lambda: self._keep(command.bot_id, command.player, command.text, from_bot=True))
        return c.Delivered(line.steam_ts, line.ordinal)

    def history(self, command: c.ReadHistory) -> tuple[c.HistoryLine, ...]:
        lines = self.lines.get((command.bot_id, command.player), [])
        return tuple(line for line in lines if line.steam_ts >= command.since)

    def relate(self, bot_id: BotId, player: SteamId64, standing: Relationship) -> None:
        """The player accepts, declines, blocks."""
        self.standings[bot_id, player] = standing
        self.ctx.publish(FriendRelationshipChanged(bot_id=bot_id, player=player, relationship=standing))

    def say(self, bot_id: BotId, player: SteamId64, text: str) -> None:
        """The player writes."""
        line = self._keep(bot_id, player, text, from_bot=False)
        arrived = FriendMessageArrived(
            bot_id=bot_id, player=player, text=text, steam_ts=line.steam_ts, ordinal=line.ordinal
        )
        self.ctx.publish(arrived, actor=f"player:{player}")

    def _ask(self, request: Callable[[], R]) -> R:
        """What Steam makes of a request, and answers."""
        if self.mood == REFUSES:
            raise RefusedBySteam(SteamRefusal.STEAM_BUSY, "Steam is busy.", binds=Binds.REQUEST)
        if self.mood == TAKES_NOTHING:
            raise InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")
        answer = request()
        if self.mood == LOSES_THE_ANSWER:
            raise InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")
        return answer

    def _show_invite(self, bot_id: BotId, player: SteamId64) -> None:
        self.standings[bot_id, player] = Relationship.REQUEST_INITIATOR
        self.invited.append((bot_id, player))

    def _keep(self, bot_id: BotId, player: SteamId64, text: str, *, from_bot: bool) -> c.HistoryLine:
        line = c.HistoryLine(from_bot, text, self.ctx.clock.now() // 1_000, next(self._ordinals))
        self.lines.setdefault((bot_id, player), []).append(line)
        return line

    def _is_online(self, bot_id: BotId) -> bool:
        bot = self.ctx.state.bots.get(bot_id)
        return bot is not None and bot.status == BotStatus.CONNECTED

    def _expect_online(self, bot_id: BotId) -> None:
        if not self._is_online(bot_id):
            raise NotSent(KernelRefusal.BOT_OFFLINE, f"{bot_id} is not connected.", retry_after=1_000)
