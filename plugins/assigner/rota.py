"""The rota: whose turn it is to take a task."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from kernel.clock import Millis
from kernel.ids import BotId, TaskId
from kernel.rows import Bot, BotStatus, Invite, TaskStatus
from kernel.state import State


class Rota:
    """Bots in the order of their last task, the one that has waited longest first.

    The truth is in the state (`Bot.assigned_seq`); this is a heap over it, so that a turn costs the logarithm of the
    bots and not their number. A bot that may not take a task now is dropped when its turn comes, and has to `enter`
    again once it may.
    """

    def __init__(self, state: State, waiting_per_bot: int) -> None:
        self._state = state
        self._waiting_per_bot = waiting_per_bot
        self._heap: list[tuple[int, BotId]] = []
        self._places: dict[BotId, int] = {}

    def rebuild(self, now: Millis) -> None:
        """Take in every bot of the state that may take a task now."""
        able = [bot for bot in self._state.bots.values() if self._may_take(bot, now)]
        self._places = {bot.id: bot.assigned_seq for bot in able}
        self._heap = [(bot.assigned_seq, bot.id) for bot in able]
        heapify(self._heap)

    def enter(self, bot_id: BotId, now: Millis) -> None:
        """Put the bot where its last task puts it, if it may take one."""
        bot: Bot | None = self._state.bots.get(bot_id)
        if bot is not None and self._may_take(bot, now) and self._places.get(bot_id) != bot.assigned_seq:
            self._places[bot_id] = bot.assigned_seq
            heappush(self._heap, (bot.assigned_seq, bot_id))

    def first(self, now: Millis) -> BotId | None:
        """The bot whose turn it is, which keeps it; None when no bot may take a task."""
        while self._heap:
            place, bot_id = self._heap[0]
            if self._places.get(bot_id) == place:
                bot: Bot | None = self._state.bots.get(bot_id)
                if bot is not None and bot.assigned_seq == place and self._may_take(bot, now):
                    return bot_id
                del self._places[bot_id]
            heappop(self._heap)
        return None

    def _may_take(self, bot: Bot, now: Millis) -> bool:
        if bot.status is not BotStatus.CONNECTED or (bot.invites_blocked_until or 0) > now:
            return False
        held = self._state.index.open_tasks_of_bot.get(bot.id, ())
        return sum(map(self._is_in_line, held)) < self._waiting_per_bot

    def _is_in_line(self, task_id: TaskId) -> bool:
        """Is its invite one of the next? One that Steam has refused waits longer, and holds up nobody."""
        invite: Invite | None = self._state.invites.get(task_id)
        return self._state.tasks[task_id].status is TaskStatus.ASSIGNED and (invite is None or invite.retry_at is None)
