"""What admins ask for."""

from __future__ import annotations

from typing import ClassVar

from kernel.commands import Command
from kernel.roles import Role


class SendTestNotification(Command[None], frozen=True, kw_only=True):
    """Send a notification that tells nothing to the target, at once."""

    role: ClassVar[Role] = Role.ADMIN
    target: str
