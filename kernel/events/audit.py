"""The facts of who did what from where, for those who answer for it."""

from __future__ import annotations

from typing import ClassVar

from kernel.events.envelope import Event
from kernel.roles import Role


class AuditRecorded(Event, frozen=True, kw_only=True):
    """Somebody from outside did something, or was refused it: who and when, the envelope says. Only admins see it."""

    kind: ClassVar[str] = "audit.recorded"
    seen_by: ClassVar[Role] = Role.ADMIN
    action: str
    """The kind of the command, or what was done about a sign-in."""
    result: str
    """`ok`, `repeated` (given again under its id, answered as before), or the code of the refusal."""
    address: str
    via: str
    """What the actor was known by, such as `token anna` or `session 3f2a`: never the secret itself."""
    subject: str | None = None
    """What it was done to."""
    happened_at: int | None = None
    """When it was done, where that was before the event: at the command line. UTC milliseconds."""


class EventWithheld(Event, frozen=True, kw_only=True):
    """Stands in the place of an event that the reader's role does not see, so that none seems to be missing."""

    kind: ClassVar[str] = "event.withheld"
