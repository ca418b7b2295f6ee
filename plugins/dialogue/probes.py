"""Probes: how soon it is noticed that Steam takes a bot's messages again, however long each of them is to wait."""

from __future__ import annotations

from kernel.clock import Clock
from kernel.ids import BotId, ChatId
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.worker import DeliveryWorker


class _Queue:
    """The workers of a bot whose message Steam has refused for now, and when one of them may go as a probe."""

    def __init__(self) -> None:
        self.workers: dict[ChatId, DeliveryWorker] = {}
        self.probe_due = 0


class Probes:
    """Hastens what Steam was not able to take from a bot.

    What it refuses without saying so is not probed: it may be delivered all the same, and each try may be read.

    Each such message waits for a pause of its own, which grows with its refusals. One of a bot's at a time is tried
    besides, every `probe_ms`, which counts as no further try of it. Once Steam has taken a message of the bot's, those
    that wait follow one after the other instead of sitting out their pauses.
    """

    def __init__(self, clock: Clock, config: DialogueConfig) -> None:
        self._clock = clock
        self._config = config
        self._queues: dict[BotId, _Queue] = {}

    def refused(self, bot_id: BotId, chat_id: ChatId, worker: DeliveryWorker, retry_after: int | None) -> None:
        """Steam has refused the worker's message for now, and wants to be left alone for `retry_after` ms at least."""
        queue = self._queues.setdefault(bot_id, _Queue())
        queue.workers.pop(chat_id, None)
        queue.workers[chat_id] = worker  # behind the others: one that is never taken must not hold them up
        queue.probe_due = self._clock.elapsed() + max(self._config.probe_ms, retry_after or 0)
        self._hasten(bot_id)

    def taken(self, bot_id: BotId, chat_id: ChatId) -> None:
        """Steam has taken a message of the bot's: the next one may go."""
        if bot_id in self._queues:
            self._queues[bot_id].probe_due = 0
            self.drop(bot_id, chat_id)

    def drop(self, bot_id: BotId, chat_id: ChatId) -> None:
        """The chat waits no more, or not for this."""
        queue = self._queues.get(bot_id)
        if queue is not None:
            queue.workers.pop(chat_id, None)
            self._hasten(bot_id)

    def _hasten(self, bot_id: BotId) -> None:
        """See that the first in the queue goes out in time."""
        queue = self._queues[bot_id]
        first = next(iter(queue.workers.values()), None)
        if first is None:
            del self._queues[bot_id]
            return
        due = max(queue.probe_due, self._clock.elapsed() + self._config.retry_first_ms)
        if due < first.due:
            first.due = due
            first.wakeup.set()
