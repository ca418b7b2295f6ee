"""Holds of accounts: Steam takes no messages of a bot for a while, whoever they are for."""

from __future__ import annotations

from collections import Counter

from kernel.clock import Millis
from kernel.context import Context
from kernel.events import BotMessagesHeld
from kernel.ids import BotId, ChatId
from kernel.outcomes import Outcome
from kernel.rows import Bot
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.worker import DeliveryWorker

REFUSALS_MOST = 48
"""How often a message is refused for its account's limit before it is given up: a day of the longest holds."""


class AccountHolds:
    """One hold for each account, in the state with its end. What waits for it counts as no try of a message.

    When a hold is over, one chat's message goes first. Once Steam has taken it all others follow; where it is refused,
    the next hold is longer.
    """

    def __init__(self, ctx: Context, config: DialogueConfig) -> None:
        self._ctx = ctx
        self._config = config
        self._holds: Counter[BotId] = Counter()
        """Holds in a row, of bots of which Steam has taken nothing since."""
        self._first: dict[BotId, ChatId] = {}
        """The chat whose message goes first after a hold."""
        self._taken: Counter[BotId] = Counter()

    def load(self) -> None:
        """At start: holds of before go on."""
        now = self._ctx.clock.now()
        for bot in self._ctx.state.bots.values():
            if (bot.messages_held_until or 0) > now:
                self._holds[bot.id] = 1

    def until(self, bot_id: BotId) -> Millis | None:
        """When the bot's hold ends; None where there is none."""
        bot: Bot | None = self._ctx.state.bots.get(bot_id)
        held = bot.messages_held_until if bot is not None else None
        return held if held is not None and held > self._ctx.clock.now() else None

    def may_go(self, bot_id: BotId, chat_id: ChatId) -> bool:
        """Whether a message of the chat may go now that no hold is in force; the first to ask goes first."""
        return bot_id not in self._holds or self._first.setdefault(bot_id, chat_id) == chat_id

    def refused(self, bot_id: BotId, worker: DeliveryWorker, outcome: Outcome) -> bool:
        """Steam has refused a message for the account's limit. False: this message is refused while others are taken.

        What was under way when the hold began neither begins another nor makes it longer.
        """
        if self.until(bot_id) is None:
            self._holds[bot_id] += 1
            span = max(outcome.retry_after or 0, self._config.refused_ms(self._holds[bot_id]))
            until = Millis(self._ctx.clock.now() + span)
            self._ctx.publish(BotMessagesHeld(bot_id=bot_id, until=until, reason=outcome.code, detail=outcome.message))
        worker.limited += 1
        if worker.taken_then not in (None, self._taken[bot_id]):
            worker.limited_alone += 1
        worker.taken_then = self._taken[bot_id]
        return worker.limited < REFUSALS_MOST and worker.limited_alone + 1 < self._config.delivery_tries

    def taken(self, bot_id: BotId) -> bool:
        """Steam has taken a message of the bot's. Returns whether others have waited for that."""
        self._taken[bot_id] += 1
        if self.until(bot_id) is not None:
            return False  # it had left before the hold began
        waited = self._holds.pop(bot_id, 0) > 0
        self._first.pop(bot_id, None)
        return waited

    def release(self, bot_id: BotId, chat_id: ChatId) -> bool:
        """The chat has had its turn, whatever came of it. Returns whether another may go first now."""
        if self._first.get(bot_id) != chat_id:
            return False
        del self._first[bot_id]
        return bot_id in self._holds
