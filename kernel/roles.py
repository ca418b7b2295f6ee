"""Roles: who of our people may do and see what. Each may all that the one before it may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    METRICS = "metrics"
    """A program that scrapes the metrics, and may nothing else."""
    VIEWER = "viewer"
    """Sees the chats, the tasks and the bots, but not where a bot's proxy is. Changes nothing."""
    OPERATOR = "operator"
    """Runs the sales: tasks, chats, and the care for players."""
    DEVELOPER = "developer"
    """Runs the fleet: bots and plugins."""
    ADMIN = "admin"
    """Says who may what, and sees who did what."""

    @property
    def rank(self) -> int:
        """0 for the one that may least."""
        return _ORDER.index(self)

    def may(self, needed: Role) -> bool:
        """Whether what takes the role `needed` is open to this one."""
        return self.rank >= needed.rank


_ORDER = tuple(Role)
