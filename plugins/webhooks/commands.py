"""What admins ask for. Secrets are made at the command line alone, so that none is in an answer."""

from __future__ import annotations

from typing import ClassVar

from kernel.commands import Command
from kernel.roles import Role


class SendTestWebhook(Command[None], frozen=True, kw_only=True):
    """Send a message of the type `webhooks.test` to the endpoint, once, also where it is disabled."""

    role: ClassVar[Role] = Role.ADMIN
    endpoint: str


class DisableWebhook(Command[None], frozen=True, kw_only=True):
    """Send nothing to the endpoint until ResumeWebhook. What happens meanwhile is sent then."""

    role: ClassVar[Role] = Role.ADMIN
    endpoint: str


class ResumeWebhook(Command[None], frozen=True, kw_only=True):
    """Send to the endpoint again at once, where it is disabled or waits to try again.

    `from_now`: what it has not got by now is passed over; a single event of it can still be sent by RedeliverWebhook.
    """

    role: ClassVar[Role] = Role.ADMIN
    endpoint: str
    from_now: bool = False


class RedeliverWebhook(Command[None], frozen=True, kw_only=True):
    """Send one event to the endpoint again, under the same webhook-id as before."""

    role: ClassVar[Role] = Role.ADMIN
    endpoint: str
    seq: int
