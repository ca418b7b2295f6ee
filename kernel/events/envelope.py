"""What an event is, and its place in the one order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from kernel.clock import Millis
from kernel.roles import Role


class Event(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A fact. Unknown fields are ignored when read, so that an old reader can read a new journal.

    `viewer_sees` says what stands in the place of a field for whoever is only a viewer; nothing stays nothing.
    `seen_by` is the least role that is told of it at all.
    """

    kind: ClassVar[str]
    v: ClassVar[int] = 1
    """The version of its form. A new one leaves the old one behind as a `Retired`."""
    viewer_sees: ClassVar[Mapping[str, object]] = {}
    seen_by: ClassVar[Role] = Role.VIEWER


class Retired(Event, frozen=True, kw_only=True):
    """A form that earlier versions wrote: an event of another name, with other fields, or one that is two today.

    Read, and never written. `kind` and `v` are those under which it stands in journals; `today` are the kinds that it
    is now, where they have another name.
    """

    today: ClassVar[tuple[str, ...]] = ()

    def newer(self) -> tuple[Event, ...]:
        """The same fact in the forms of a later version: one event, or several where it was split."""
        raise NotImplementedError


class Split(Event, frozen=True):
    """What one line of an old journal tells in several events of today: they happened together, under one number."""

    kind: ClassVar[str] = "event.split"
    events: tuple[Event, ...]


class UnknownEvent(Event, frozen=True):
    """An event of a plugin that is not here: it keeps its number and its fields, and nothing is folded from it."""

    kind: ClassVar[str] = "event.unknown"
    fields: dict[str, object]


class Envelope(Struct, frozen=True, omit_defaults=True, gc=False):
    """An event with its place in the one order: the same object on the wire, in the journal and in the browser."""

    seq: int
    ts: Millis
    actor: str
    """Who caused it: `operator:anna`, `agent:scripted_agent`, `plugin:fleet`, `notebook:…`, `player:7656…`."""
    cause: int | None
    """The seq of the event that this one answers, if it answers one."""
    kind: str
    payload: Event
    v: int = 1
    """The version of the payload's form; left out on the wire where it is 1."""

    @classmethod
    def of(cls, seq: int, ts: Millis, actor: str, cause: int | None, event: Event) -> Envelope:
        """That event at that place, by its own kind and version."""
        return cls(seq, ts, actor, cause, event.kind, event, event.v)
