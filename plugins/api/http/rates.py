"""A rate limiter (GCRA): bursts of one minute's worth of requests, then the steady rate."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

from kernel.clock import MINUTE, Clock

KEPT: Final = 10_000
"""Who is counted at most; whoever was silent longest is forgotten, and would be within a minute anyway."""


class RateLimiter:
    """Limits requests by a key, such as an actor or an address."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._interval = MINUTE / per_minute
        self._clock = clock
        self._spent: OrderedDict[str, float] = OrderedDict()
        """When each will have caught up with what it has asked for so far, by what has elapsed of the run."""

    def take(self, name: str) -> int:
        """Count a request. Returns 0, or in how many milliseconds it would be allowed."""
        now = self._clock.elapsed()
        until = max(now, self._spent.get(name, 0.0)) + self._interval
        early = until - now - MINUTE
        if early > 0:
            return math.ceil(early)
        self._spent[name] = until
        self._spent.move_to_end(name)
        if len(self._spent) > KEPT:
            self._spent.popitem(last=False)
        return 0
