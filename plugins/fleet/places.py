"""Places: in which line each bot stands, and who is left out of them all."""

from __future__ import annotations

from typing import Final

from kernel.clock import Clock
from kernel.ids import BotId
from kernel.rows import Bot, BotStatus
from kernel.state import State
from plugins.fleet.back_off import BackOff
from plugins.fleet.line import Key, Line

WANTED: Final = 0
BUSY: Final = 1
"""Ranks among those who go before all others: whom a person asked for, then who has an open task or chat."""


class Places:
    """Each bot that is off stands in one of three lines, each idle one that is online in the fourth.

    All of it follows from the state, apart from back-offs, which a restart may forget, and from what is being done with
    a bot just now: who is signed in, logged off or removed stands in no line meanwhile.
    """

    def __init__(self, state: State, clock: Clock, back_off: BackOff) -> None:
        self._state = state
        self._clock = clock
        self._back_off = back_off
        self.urgent: Final = Line()
        """May be signed in before all others, by rank and by how long they have been off."""
        self.ready: Final = Line()
        """May be signed in, by how long they have been off."""
        self.resting: Final = Line()
        """Back off, by when they may be tried again."""
        self.idle: Final = Line()
        """Online without an open task or chat, by how long they have been online."""
        self.signing_in: Final[set[BotId]] = set()
        self.leaving: Final[set[BotId]] = set()
        self.set_aside: Final[set[BotId]] = set()
        """Being removed."""
        self.wanted: Final[set[BotId]] = set()
        """A person asked for them."""

    @property
    def waiting(self) -> int:
        """How many bots could be signed in now, were there room."""
        return len(self.urgent) + len(self.ready)

    def first(self) -> BotId | None:
        """The bot whose turn is next."""
        first = self.urgent.first() or self.ready.first()
        return first[1] if first is not None else None

    def settle(self, bot_id: BotId) -> None:
        """Put the bot where it belongs now."""
        place = self._place_of(bot_id)
        for line in (self.urgent, self.ready, self.resting, self.idle):
            if place is None or line is not place[0]:
                line.drop(bot_id)
        if place is not None:
            place[0].put(bot_id, place[1])

    def wake(self) -> None:
        """Let those go to the others who have backed off long enough."""
        now = self._clock.now()
        while (first := self.resting.first()) is not None and first[0][1] <= now:
            self.settle(first[1])

    def _place_of(self, bot_id: BotId) -> tuple[Line, Key] | None:
        bot: Bot | None = self._state.bots.get(bot_id)
        if bot is None or bot_id in self.signing_in or bot_id in self.leaving or bot_id in self.set_aside:
            return None
        busy = self._state.index.is_busy(bot_id)
        if bot.status is BotStatus.CONNECTED:
            return None if busy else (self.idle, (0, bot.status_since))
        if bot.status is not BotStatus.DISCONNECTED:
            return None
        if bot_id in self.wanted:
            return self.urgent, (WANTED, bot.status_since)
        due = max(bot.retry_at or 0, self._back_off.due(bot_id))
        if due > self._clock.now():
            return self.resting, (0, due)
        return (self.urgent, (BUSY, bot.status_since)) if busy else (self.ready, (0, bot.status_since))
