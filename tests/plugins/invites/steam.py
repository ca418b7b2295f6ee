"""A Steam that outlives restarts: it remembers every invite that reached it, and answers in the mood of the moment."""

from __future__ import annotations

import asyncio
from typing import ClassVar, NamedTuple

from kernel.clock import MINUTE, SECOND, Millis
from kernel.codes import KernelRefusal, OffReason, Undeclared
from kernel.commands import ConnectBot, DisconnectBot, SendInvite, WithdrawInvite
from kernel.errors import Binds, InDoubt, NotSent, RefusedBySteam
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotInvitesBlocked,
    ChatStarted,
    Envelope,
    FriendInviteAccepted,
    FriendInviteSent,
    FriendRelationshipChanged,
    Relationship,
)
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, SteamId64, new_chat_id
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import BotStatus
from plugins.steam.codes import SteamRefusal

MOODS = ("takes", "busy", "slow", "lost", "answer lost", "refuses", "blocks", "silent")


class Reached(NamedTuple):
    """An invite that Steam has seen, whatever it answered."""

    ts: int
    account: SteamId64
    player: SteamId64
    shown: bool


class Steam:
    """The other side."""

    def __init__(self) -> None:
        self.mood = "takes"
        self.reached: list[Reached] = []
        self.unanswered = 0
        self.durable = 0
        """The event up to which all was on disk when the last invite left: nothing before it can be lost."""
        self.relations: dict[tuple[SteamId64, SteamId64], Relationship] = {}


class Wire(Plugin[PluginConfig]):
    """The transport to `steam`, as long as this process lives."""

    steam: ClassVar[Steam]

    async def start(self) -> None:
        for bot in self.ctx.state.bots.rows():
            if bot.status in {BotStatus.CONNECTED, BotStatus.CONNECTING}:
                off = BotDisconnected(
                    bot_id=bot.id, reason=OffReason.RESTARTED, detail="d", retry_at=self.ctx.clock.now()
                )
                self.ctx.publish(off)
        self.ctx.handle(ConnectBot, self.connect)
        self.ctx.handle(DisconnectBot, self.disconnect)
        self.ctx.handle(SendInvite, self.invite)
        self.ctx.handle(WithdrawInvite, self.withdraw)

    @hookimpl
    def relationship(self, bot_id: BotId, player: SteamId64) -> Relationship | None:
        bot = self.ctx.state.bots.get(bot_id)
        if bot is None or bot.status is not BotStatus.CONNECTED:
            return None
        return self.steam.relations.get((bot.steam_id64, player), Relationship.NONE)

    def connect(self, command: ConnectBot) -> None:
        self.ctx.publish(BotConnecting(bot_id=command.bot_id))
        self.ctx.publish(BotConnected(bot_id=command.bot_id))

    def disconnect(self, command: DisconnectBot) -> None:
        if self.ctx.state.bots[command.bot_id].status in {BotStatus.CONNECTED, BotStatus.CONNECTING}:
            self.ctx.publish(BotDisconnected(bot_id=command.bot_id, reason=command.reason, detail="d"))

    async def invite(self, command: SendInvite) -> None:
        mood = self.steam.mood
        self.steam.durable = self.ctx.state.seq
        if mood == "busy":
            raise NotSent(SteamRefusal.STEAM_BUSY, "Steam is busy.", retry_after=10 * SECOND)
        if mood == "lost":  # the line broke before it got through, which nobody here can know
            raise InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")
        now = self.ctx.clock.now()
        account = self.ctx.state.bots[command.bot_id].steam_id64
        shown = mood not in {"refuses", "blocks"}
        self.steam.reached.append(Reached(now, account, command.player, shown))
        if mood == "refuses":
            raise RefusedBySteam(KernelRefusal.INVITE_REFUSED, "This player cannot be invited.", binds=Binds.PLAYER)
        if mood == "blocks":
            until = Millis(now + 45 * MINUTE)
            self.ctx.publish(
                BotInvitesBlocked(bot_id=command.bot_id, until=until, reason=Undeclared("limit"), detail="d")
            )
            raise RefusedBySteam(
                KernelRefusal.INVITES_BLOCKED, "Too many invites.", binds=Binds.ACCOUNT, retry_after=45 * MINUTE
            )
        self.steam.relations[account, command.player] = Relationship.REQUEST_INITIATOR
        if mood == "answer lost":
            raise InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")
        if mood == "silent":
            self.steam.unanswered += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.steam.unanswered -= 1
        if mood == "slow":
            await self.ctx.clock.sleep(20 * SECOND)
        if command.task_id in self.ctx.state.invites:
            sent = FriendInviteSent(task_id=command.task_id, bot_id=command.bot_id, player=command.player)
            self.ctx.publish(sent)

    def withdraw(self, command: WithdrawInvite) -> None:
        bot = self.ctx.state.bots[command.bot_id]
        if self.steam.relations.get((bot.steam_id64, command.player)) == Relationship.REQUEST_INITIATOR:
            self.tell(command.bot_id, command.player, Relationship.NONE)

    def tell(self, bot_id: BotId, player: SteamId64, relationship: Relationship) -> None:
        """The two stand like this from now on."""
        self.steam.relations[self.ctx.state.bots[bot_id].steam_id64, player] = relationship
        changed = FriendRelationshipChanged(bot_id=bot_id, player=player, relationship=relationship)
        self.ctx.publish(changed)


class Chats(Plugin[PluginConfig]):
    """Starts a chat with whoever accepts."""

    async def start(self) -> None:
        self.ctx.subscribe(FriendInviteAccepted, self.begin)

    def begin(self, _: Envelope, event: FriendInviteAccepted) -> None:
        chat = ChatStarted(chat_id=new_chat_id(), bot_id=event.bot_id, player=event.player, task_id=event.task_id)
        self.ctx.publish(chat)


def wire(steam: Steam) -> type[Wire]:
    """A transport to that Steam, for one world."""
    return type("Wire", (Wire,), {"steam": steam, "__module__": __name__})
