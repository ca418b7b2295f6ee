"""How requests that surely never left are spaced: they count for nothing, so none of this has to be in the state."""

from __future__ import annotations

from collections import Counter
from typing import Final

from kernel.clock import MINUTE, SECOND, Clock, Millis
from kernel.codes import KernelRefusal
from kernel.ids import BotId, TaskId
from kernel.outcomes import Outcome
from kernel.rows import Invite
from plugins.invites.codes import QueueRefusal
from plugins.invites.waiting import Hold

SHORTEST: Final = 5 * SECOND
"""After the first request of a bot that could not leave; doubled with each further one."""
LONGEST: Final = 5 * MINUTE
OBJECTED: Final = 30 * SECOND
"""When a guard is asked again that objected for now and did not say until when."""
OF_THE_FLEET: Final = frozenset({KernelRefusal.FLEET_INVITE_LIMIT})
OF_THE_BOT: Final = frozenset({QueueRefusal.INVITE_INTERVAL, QueueRefusal.INVITE_PENDING})


class Holds:
    """Holds what is told to wait, and nobody else: one invite, one bot, or the whole fleet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fleet: Hold | None = None
        self._bots: dict[BotId, Hold] = {}
        self._invites: dict[TaskId, Hold] = {}
        self._failures: Counter[BotId] = Counter()

    def of_bot(self, bot_id: BotId, now: Millis) -> Hold | None:
        """Why the bot, or the whole fleet, must wait."""
        holds = [h for h in (self._fleet, self._bots.get(bot_id)) if h is not None and (h.until or 0) > now]
        return max(holds, key=lambda h: h.until or 0, default=None)

    def of_invite(self, task_id: TaskId, now: Millis) -> Hold | None:
        """Why this invite alone must wait."""
        hold = self._invites.get(task_id)
        return hold if hold is not None and (hold.until or 0) > now else None

    def wait(self, invite: Invite, outcome: Outcome) -> None:
        """The request did not leave, and may be made again."""
        now = self._clock.now()
        if not outcome.objection:
            span = min(LONGEST, SHORTEST << min(self._failures[invite.bot_id], 10))
            self._failures[invite.bot_id] += 1
            self._bots[invite.bot_id] = _told(outcome, now, max(span, outcome.retry_after or 0))
            return
        hold = _told(outcome, now, outcome.retry_after if outcome.retry_after is not None else OBJECTED)
        if outcome.code in OF_THE_FLEET:
            self._fleet = hold
        elif outcome.code in OF_THE_BOT:
            self._bots[invite.bot_id] = hold
        else:  # it may be to this player alone
            self._invites = {t: h for t, h in self._invites.items() if (h.until or 0) > now}
            self._invites[invite.task_id] = hold

    def follow_clock(self, by: int) -> None:
        """The clock has stepped: every wait stays as long as it was."""
        self._fleet = self._fleet.moved(by) if self._fleet is not None else None
        self._bots = {bot_id: hold.moved(by) for bot_id, hold in self._bots.items()}
        self._invites = {task_id: hold.moved(by) for task_id, hold in self._invites.items()}

    def left(self, bot_id: BotId) -> None:
        """A request of the bot's has left."""
        self._failures.pop(bot_id, None)

    def forget(self, bot_id: BotId) -> None:
        """The bot is gone."""
        self._failures.pop(bot_id, None)
        self._bots.pop(bot_id, None)


def _told(outcome: Outcome, now: Millis, span: int) -> Hold:
    return Hold(outcome.code, outcome.message, Millis(now + max(SECOND, span)))
