"""The settings of the plugin `tasks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import field

from kernel.clock import DAY
from kernel.plugin import PluginConfig

MOST_DAYS: Final = 365


class TasksConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[tasks]`."""

    reversible_days: int = 7
    """For how many days Steam can reverse a trade: seven by its Trade Protection. 0: a trade is settled at once."""
    reversible_days_of: Mapping[str, int] = field(default_factory=dict)
    """The same for items whose name has such a text in it, case aside, as `{ "Key" = 0 }`; the longest decides."""

    def __post_init__(self) -> None:
        if not 0 <= self.reversible_days <= MOST_DAYS:
            raise ValueError(f"reversible_days: must be from 0 to {MOST_DAYS}")
        for text, days in self.reversible_days_of.items():
            if not text.strip():
                raise ValueError("reversible_days_of: an empty text is in every name; use reversible_days")
            if not 0 <= days <= MOST_DAYS:
                raise ValueError(f"reversible_days_of: {text}: must be from 0 to {MOST_DAYS}")

    def reversible(self, item: str) -> int:
        """For how many milliseconds a trade of that item can be reversed."""
        name = item.casefold()
        fitting = [text for text in self.reversible_days_of if text.casefold() in name]
        days = self.reversible_days_of[max(fitting, key=len)] if fitting else self.reversible_days
        return days * DAY
