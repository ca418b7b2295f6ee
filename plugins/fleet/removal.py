"""Removing a bot: everything that is under way with it comes to an orderly end first."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from kernel.codes import KernelRefusal, WaitReason
from kernel.commands import Command, ConnectBot, DeliverMessage, RemoveBot, SendInvite, WithdrawInvite
from kernel.context import Context
from kernel.errors import CommandError, NotFound
from kernel.events import (
    BotDisconnected,
    BotRemoved,
    ChatClosed,
    FriendInviteFailed,
    FriendInviteLeftBehind,
    FriendInviteTakenBack,
    Relationship,
    TaskStatusChanged,
)
from kernel.ids import BotId, SteamId64
from kernel.rows import Account, Bot, BotStatus, Invite, InviteStatus, TaskStatus
from plugins.fleet.codes import TurnReason
from plugins.fleet.scheduler import SignInScheduler

PATIENCE: Final = 15.0
"""Seconds of the wall's clock for which a removal waits for what is under way, at each of its steps."""
REASON: Final = WaitReason.BOT_REMOVED
DETAIL: Final = "Its bot was removed."
CONTACTED: Final = frozenset({TaskStatus.INVITED, TaskStatus.ACCEPTED})


class Removal:
    """Carries RemoveBot out. Nothing that names the bot is left open when it is gone."""

    def __init__(self, ctx: Context, scheduler: SignInScheduler) -> None:
        self._ctx = ctx
        self._scheduler = scheduler

    async def remove(self, command: RemoveBot) -> None:
        bot = self.known(command)
        self._scheduler.set_aside(bot.id)
        try:
            await self._wind_up(bot)
            self._end_everything(bot)  # also what has begun meanwhile: between here and the end nothing else runs
            self._ctx.publish(BotRemoved(bot_id=bot.id))
        finally:
            self._scheduler.take_back(bot.id)

    def known(self, command: RemoveBot) -> Bot:
        """The bot that is to go. Raises NotFound."""
        bot: Bot | None = self._ctx.state.bots.get(command.bot_id)
        if bot is None:
            raise NotFound(KernelRefusal.UNKNOWN_BOT, f"There is no bot {command.bot_id}.", field="botId")
        return bot

    async def _wind_up(self, bot: Bot) -> None:
        """Stop what the bot is doing, take back what its players have not answered, and log it off."""
        if bot.status is BotStatus.CONNECTING:
            await self._scheduler.log_off(bot.id, TurnReason.REMOVED)
            await self._settled(bot.id, ConnectBot)
        elif bot.status is BotStatus.CONNECTED:
            # off for us before it is off for Steam: from here on nobody gives it a task
            self._ctx.publish(
                BotDisconnected(bot_id=bot.id, reason=TurnReason.REMOVED, detail="The bot is being removed.")
            )
        await self._settled(bot.id, SendInvite, DeliverMessage)
        self._end_everything(bot)
        if bot.status is BotStatus.CONNECTED:
            for player in self._debts_of(bot):
                await self._take_back(bot, player)
        await self._scheduler.log_off(bot.id, TurnReason.REMOVED)
        await self._settled(bot.id, ConnectBot)

    def _end_everything(self, bot: Bot) -> None:
        """Tasks whose player was not contacted go to other bots, the others fail; chats and invites end.

        What players may still see is owed by the account from here on, whatever becomes of the bot or of us.
        """
        state, bot_id = self._ctx.state, bot.id
        for seen in self._invites_of(bot_id):
            if seen.status is not InviteStatus.QUEUED:
                self._ctx.publish(FriendInviteLeftBehind(steam_id64=bot.steam_id64, player=seen.player))
        for task_id in list(state.index.open_tasks_of_bot.get(bot_id, ())):
            task = state.tasks[task_id]
            if not task.is_open or task.assigned_bot_id != bot_id:
                continue  # ended or given back when it heard of the one before
            invite: Invite | None = state.invites.get(task_id)
            contacted = task.status in CONTACTED or (invite is not None and invite.status is not InviteStatus.QUEUED)
            status = TaskStatus.FAILED if contacted else TaskStatus.CREATED
            self._ctx.publish(TaskStatusChanged(task_id=task_id, status=status, reason=REASON, detail=DETAIL))
        for chat_id in list(state.index.open_chats_of_bot.get(bot_id, ())):
            if state.chats[chat_id].is_open:  # its own plugin may have closed it by now
                self._ctx.publish(ChatClosed(chat_id=chat_id, reason=REASON))
        for invite in self._invites_of(bot_id):
            if self._ctx.state.invites.get(invite.task_id) is invite:
                self._ctx.publish(
                    FriendInviteFailed(
                        task_id=invite.task_id,
                        bot_id=bot_id,
                        player=invite.player,
                        reason=WaitReason.WITHDRAWN,
                        detail=DETAIL,
                    )
                )

    def _invites_of(self, bot_id: BotId) -> list[Invite]:
        state = self._ctx.state
        return [state.invites[task_id] for task_id in state.index.invites_of_bot.get(bot_id, ())]

    def _debts_of(self, bot: Bot) -> list[SteamId64]:
        account: Account | None = self._ctx.state.accounts.get(bot.steam_id64)
        return [debt.player for debt in account.left_behind] if account is not None else []

    async def _take_back(self, bot: Bot, player: SteamId64) -> None:
        """Where that fails, or Steam's list does not show the invite, it stays owed until the account is back."""
        relationship = self._ctx.hooks.relationship(bot.id, player)
        try:
            if relationship is Relationship.REQUEST_INITIATOR:
                async with asyncio.timeout(PATIENCE):
                    await self._ctx.execute(WithdrawInvite(bot_id=bot.id, player=player))
            if relationship in {Relationship.REQUEST_INITIATOR, Relationship.FRIEND}:
                self._ctx.publish(FriendInviteTakenBack(steam_id64=bot.steam_id64, player=player))
        except (CommandError, TimeoutError) as error:
            self._ctx.log.warning("the invite of %s to %s stays: %s", bot.steam_id64, player, error)

    async def _settled(self, bot_id: BotId, *kinds: type[Command[Any]]) -> None:
        """Wait for what is on its way in the bot's name. What takes too long is ended without its answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ctx.settled(
                    lambda command: isinstance(command, kinds) and getattr(command, "bot_id", None) == bot_id
                )
        except TimeoutError:
            self._ctx.log.warning("%s is removed while %s is under way", bot_id, "/".join(k.__name__ for k in kinds))
