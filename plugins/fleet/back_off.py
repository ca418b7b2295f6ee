"""How long a bot that failed keeps off: growing, and at random, so that a whole fleet does not come back as one."""

from __future__ import annotations

from random import Random

from kernel.clock import MINUTE, Millis
from kernel.ids import BotId

STEADY = MINUTE
"""A connection that lasted this long (ms) was a good one: what comes after it is a first failure."""


class BackOff:
    """Full jitter: after the n-th failure in a row, a random part of `least` doubled n - 1 times, of `most` at most.

    Forgotten with a restart, which then connects gradually anyway; what Steam itself said is in `Bot.retry_at`.
    """

    def __init__(self, least: int, most: int, random: Random) -> None:
        """`least` and `most` in milliseconds."""
        self._least = least
        self._most = most
        self._random = random
        self._failures: dict[BotId, int] = {}
        self._due: dict[BotId, Millis] = {}
        self._connected_at: dict[BotId, Millis] = {}

    def connected(self, bot_id: BotId, now: Millis) -> None:
        self._connected_at[bot_id] = now

    def failed(self, bot_id: BotId, now: Millis, not_before: Millis) -> None:
        """The bot could not sign in or lost its connection; its next try is due after `not_before` and its back-off."""
        connected_at = self._connected_at.pop(bot_id, None)
        steady = connected_at is not None and now - connected_at >= STEADY
        failures = 1 if steady else self._failures.get(bot_id, 0) + 1
        self._failures[bot_id] = failures
        span = min(self._most, self._least << min(failures - 1, 32))
        self._due[bot_id] = Millis(max(now, not_before) + self._random.randint(0, span))

    def due(self, bot_id: BotId) -> Millis:
        """When the bot may be tried again, as far as its own failures go."""
        return self._due.get(bot_id, Millis(0))

    def follow_clock(self, by: int) -> None:
        """The clock has stepped: every wait stays as long as it was."""
        self._due = {bot_id: Millis(at + by) for bot_id, at in self._due.items()}
        self._connected_at = {bot_id: Millis(at + by) for bot_id, at in self._connected_at.items()}

    def forget(self, bot_id: BotId) -> None:
        """Start afresh with this bot."""
        self._failures.pop(bot_id, None)
        self._due.pop(bot_id, None)
        self._connected_at.pop(bot_id, None)
