"""Views: what each role sees of rows and events. All clients of a view are sent the same bytes."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from msgspec.structs import replace

from kernel.codec import encode
from kernel.events import Envelope, Event, EventWithheld
from kernel.roles import Role
from kernel.rows import Row
from kernel.snapshot import Part

S = TypeVar("S", Row, Event)


class RoleView(Enum):
    """How much a role sees."""

    OUTSIDE = "outside"
    """A viewer's: without what the classes of rows and events withhold from viewers."""
    TEAM = "team"
    """All of the state, and the events that are not for admins alone."""
    WHOLE = "whole"

    @classmethod
    def of(cls, role: Role) -> RoleView:
        if role is Role.ADMIN:
            return cls.WHOLE
        return cls.TEAM if role.may(Role.OPERATOR) else cls.OUTSIDE

    def line(self, envelope: Envelope, line: bytes) -> bytes:
        """The event's JSON in this view: `line` itself, a masked copy, or `event.withheld`."""
        if self is RoleView.WHOLE:
            return line
        event = envelope.payload
        if event.seen_by is not Role.VIEWER and (self is RoleView.OUTSIDE or event.seen_by is Role.ADMIN):
            withheld = EventWithheld()
            return encode(Envelope.of(envelope.seq, envelope.ts, "kernel", None, withheld))
        if self is RoleView.TEAM or not event.viewer_sees:
            return line
        return encode(replace(envelope, payload=_masked(envelope.payload)))

    def part(self, part: Part) -> Part:
        """A part of a snapshot in this view."""
        if self is not RoleView.OUTSIDE:
            return part
        return replace(part, state={name: self.rows(rows) for name, rows in part.state.items()})

    def rows(self, rows: list[Row]) -> list[Row]:
        """Rows of one table in this view."""
        if self is not RoleView.OUTSIDE or not rows or not rows[0].viewer_sees:
            return rows
        return [_masked(row) for row in rows]


def _masked(thing: S) -> S:
    seen = {name: value for name, value in thing.viewer_sees.items() if getattr(thing, name) is not None}
    return replace(thing, **seen)
