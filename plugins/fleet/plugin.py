"""The plugin `fleet`: decides who is online, and removes bots."""

from __future__ import annotations

from random import Random

from kernel.codes import KernelRefusal
from kernel.commands import ReconnectBot, RemoveBot
from kernel.context import Context
from kernel.errors import Conflict, NotFound
from kernel.events import (
    BotAdded,
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotRemoved,
    ChatClosed,
    ChatStarted,
    ClockStepped,
    Envelope,
    FriendInviteFailed,
    PluginReloaded,
    PluginRolledBack,
    PluginStarted,
    TaskAssigned,
    TaskStatusChanged,
)
from kernel.plugin import Plugin
from kernel.rows import Bot
from plugins.fleet.codes import FleetRefusal, TurnReason
from plugins.fleet.config import FleetConfig
from plugins.fleet.removal import Removal
from plugins.fleet.scheduler import LIVE, SignInScheduler


class Fleet(Plugin[FleetConfig]):
    """Who is online. How a bot signs in is the transport's affair; this says when."""

    Config = FleetConfig

    def __init__(self, ctx: Context, config: FleetConfig) -> None:
        super().__init__(ctx, config)
        self._scheduler = SignInScheduler(ctx, config, Random())

    async def start(self) -> None:
        scheduler = self._scheduler
        removal = Removal(self.ctx, scheduler)
        self.ctx.handle(RemoveBot, removal.remove, check=removal.known)
        self.ctx.handle(ReconnectBot, self.reconnect, check=self._reconnectable)
        self.ctx.when_up(scheduler.begin)
        for event in (PluginStarted, PluginReloaded, PluginRolledBack):
            self.ctx.subscribe(event, lambda *_: scheduler.consider())  # a transport may have come
        self.ctx.subscribe(BotAdded, lambda _, event: scheduler.look_at(event.bot_id))
        self.ctx.subscribe(BotConnecting, lambda _, event: scheduler.look_at(event.bot_id))
        self.ctx.subscribe(BotConnected, lambda _, event: scheduler.came_online(event.bot_id))
        self.ctx.subscribe(
            BotDisconnected, lambda _, event: scheduler.went_off(event.bot_id, event.reason, event.retry_at)
        )
        self.ctx.subscribe(BotAuthFailed, lambda _, event: scheduler.is_kept_out(event.bot_id))
        self.ctx.subscribe(BotRemoved, lambda _, event: scheduler.is_gone(event.bot_id))
        self.ctx.subscribe(TaskAssigned, lambda _, event: scheduler.look_at(event.bot_id))
        self.ctx.subscribe(TaskStatusChanged, self.see_to_task)
        self.ctx.subscribe(FriendInviteFailed, lambda _, event: scheduler.look_at(event.bot_id))
        self.ctx.subscribe(ChatStarted, lambda _, event: scheduler.look_at(event.bot_id))
        self.ctx.subscribe(ChatClosed, self.see_to_chat)
        self.ctx.subscribe(ClockStepped, lambda _, event: scheduler.follow_clock(event.by_ms))

    def see_to_task(self, _: Envelope, event: TaskStatusChanged) -> None:
        bot_id = self.ctx.state.tasks[event.task_id].assigned_bot_id
        if bot_id is not None:
            self._scheduler.look_at(bot_id)

    def see_to_chat(self, _: Envelope, event: ChatClosed) -> None:
        self._scheduler.look_at(self.ctx.state.chats[event.chat_id].bot_id)

    def reconnect(self, command: ReconnectBot) -> None:
        """Put the bot before all others. Its turn may still wait for a place; what comes of it is told by events."""
        bot = self._reconnectable(command)
        text = "Another try was asked for; it comes before all others."
        self.ctx.publish(BotDisconnected(bot_id=bot.id, reason=TurnReason.AWAITING_TURN, detail=text))
        self._scheduler.want(bot.id)

    def _reconnectable(self, command: ReconnectBot) -> Bot:
        bot: Bot | None = self.ctx.state.bots.get(command.bot_id)
        if bot is None:
            raise NotFound(KernelRefusal.UNKNOWN_BOT, f"There is no bot {command.bot_id}.", field="botId")
        if bot.status in LIVE:
            raise Conflict(FleetRefusal.BOT_ONLINE, f"Bot {bot.id} is {bot.status} already.", field="botId")
        return bot
