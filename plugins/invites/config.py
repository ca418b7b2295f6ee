"""The settings of the plugin `invites`."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from kernel.clock import DAY, MINUTE, SECOND
from kernel.plugin import PluginConfig

FIRST_RETRY: Final = 2 * MINUTE
"""After the first refusal; doubled with each further one."""


class OnFriendRequest(StrEnum):
    """What is done when somebody invites a bot themselves."""

    IGNORE = "ignore"
    DECLINE = "decline"
    ACCEPT = "accept"
    """Where there is an open task for them: the bot has it, and its invite accepts theirs in its turn."""


class InvitesConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[invites]`."""

    interval_s: int = 60
    """Seconds between two invites of one bot. May be raised; less than a minute is not to be had."""
    settle_s: int = 30
    """After how many seconds Steam's own list decides whether an invite in doubt has gone out."""
    lapse_days: int = 14
    """How long a player may leave an invite unanswered before it is taken back, for good."""
    patience_minutes: int = 10
    """How long a task waits for a bot that is offline, or from which Steam takes no invites, before another has it."""
    tries: int = 5
    """How often Steam is asked to invite a task's player, over all bots, where it refuses without a lasting reason."""

    friend_requests: OnFriendRequest = OnFriendRequest.IGNORE
    """What is done about people who invite a bot themselves: `ignore`, `decline`, or `accept` with an open task."""

    def __post_init__(self) -> None:
        if self.interval_s < 60:
            raise ValueError("interval_s: must be at least 60; a bot never sends two invites within a minute")
        if self.settle_s < 1:
            raise ValueError("settle_s: must be at least 1")
        if self.lapse_days < 1:
            raise ValueError("lapse_days: must be at least 1")
        if self.patience_minutes < 1:
            raise ValueError("patience_minutes: must be at least 1")
        if not 1 <= self.tries <= 10:
            raise ValueError("tries: must be from 1 to 10")

    @property
    def interval(self) -> int:
        """Milliseconds between two invites of one bot."""
        return self.interval_s * SECOND

    @property
    def settle(self) -> int:
        """Milliseconds until an invite in doubt is settled."""
        return self.settle_s * SECOND

    @property
    def lapse(self) -> int:
        """Milliseconds for which an invite may stay unanswered."""
        return self.lapse_days * DAY

    @property
    def patience(self) -> int:
        """Milliseconds for which a task waits for its bot."""
        return self.patience_minutes * MINUTE

    def retry_after(self, attempts: int, at_least: int) -> int | None:
        """Milliseconds from a refusal to the next try, after so many attempts; None when that was the last."""
        return None if attempts >= self.tries else max(at_least, FIRST_RETRY << (attempts - 1))
