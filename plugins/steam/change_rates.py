"""How often changes of one thing are told: a few at once, then one now and then, the latest."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
_REMEMBERED: Final = 10_000


class ChangeRate(Generic[K]):
    """A bucket for each thing that changes, kept as one moment: when it will be full again. Times are milliseconds."""

    def __init__(self, burst: int, interval: int) -> None:
        """`burst` changes are told whatever is between them; one more with each `interval`."""
        self._burst = burst
        self._interval = interval
        self._full_at: dict[K, int] = {}

    def take(self, key: K, now: int) -> bool:
        """Whether one more change of it may be told now; then this is that one."""
        full_at = max(self._full_at.pop(key, 0), now)
        if full_at - (self._burst - 1) * self._interval > now:
            self._full_at[key] = full_at
            return False
        if len(self._full_at) >= _REMEMBERED:
            self._full_at = {other: at for other, at in self._full_at.items() if at > now}
        self._full_at[key] = full_at + self._interval
        return True
