"""Catch-up: when a bot reconnects, its chats are read back from Steam before anything is sent in them."""

from __future__ import annotations

from collections.abc import Callable

from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import BotConnected, Envelope, ErrorLogged
from kernel.ids import BotId, ChatId
from kernel.rows import AgentOffReason, Bot, BotStatus, Chat
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.history import History
from plugins.dialogue.ownership import Ownership


class _Run:
    """One catch-up of one bot: the chats still to be read. A reconnect begins another."""

    def __init__(self, chats: list[ChatId]) -> None:
        self.behind = dict.fromkeys(chats)


class CatchUp:
    """Knows which chats are read back.

    `behind` lists the chats of a bot that are to be read; `ready` is told of each that has been. If one could not be,
    the agent is switched off first: the player may have said stop in it.
    """

    def __init__(
        self,
        ctx: Context,
        config: DialogueConfig,
        ownership: Ownership,
        history: History,
        behind: Callable[[BotId], list[ChatId]],
        ready: Callable[[ChatId], None],
    ) -> None:
        self._ctx = ctx
        self._config = config
        self._ownership = ownership
        self._history = history
        self._behind = behind
        self._ready = ready
        self._runs: dict[BotId, _Run] = {}

    def load(self) -> None:
        """At start: catch up with the bots that are connected already."""
        for bot in self._ctx.state.bots.values():
            if bot.status is BotStatus.CONNECTED:
                self._begin(bot.id)

    def is_ready(self, chat: Chat) -> bool:
        """Is the chat's bot online, and has the chat been read since it came online?"""
        bot: Bot | None = self._ctx.state.bots.get(chat.bot_id)
        if bot is None or bot.status is not BotStatus.CONNECTED:
            return False
        run = self._runs.get(chat.bot_id)
        return run is None or chat.id not in run.behind

    def connected(self, _: Envelope, event: BotConnected) -> None:
        self._begin(event.bot_id)

    def forget(self, bot_id: BotId) -> None:
        """The bot is offline or gone."""
        self._runs.pop(bot_id, None)

    def _begin(self, bot_id: BotId) -> None:
        run = self._runs[bot_id] = _Run(self._behind(bot_id))
        self._ctx.spawn(self._read_all(bot_id, run), f"catching up of {bot_id}")

    async def _read_all(self, bot_id: BotId, run: _Run) -> None:
        for chat_id in list(run.behind):
            if not await self._read(bot_id, chat_id, run):
                return
            del run.behind[chat_id]
            self._ready(chat_id)
        if self._runs.get(bot_id) is run:
            del self._runs[bot_id]

    async def _read(self, bot_id: BotId, chat_id: ChatId, run: _Run) -> bool:
        """Read the chat back, in several tries. False when the bot has gone offline meanwhile."""
        failures = 0
        while self._runs.get(bot_id) is run:
            try:
                await self._history.read(chat_id)
            except CommandError as refused:
                failures += 1
                if failures >= self._config.history_tries:
                    self._go_on_without(chat_id, refused)
                    break
                await self._ctx.clock.sleep(self._config.back_off_ms(failures))
            else:
                break
        return self._runs.get(bot_id) is run

    def _go_on_without(self, chat_id: ChatId, refused: CommandError) -> None:
        text = f"{chat_id} could not be read back from Steam; lines of the player's may be missing in it."
        self._ctx.publish(ErrorLogged(source=self._ctx.name, message=text, detail=refused.message))
        detail = "What the player wrote while the bot was away could not be read back: perhaps a stop."
        self._ownership.switch_off(chat_id, AgentOffReason.HISTORY_UNREAD, detail)
