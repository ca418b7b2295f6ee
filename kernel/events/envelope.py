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
    viewer_sees: ClassVar[Mapping[str, object]] = {}
    seen_by: ClassVar[Role] = Role.VIEWER


class Envelope(Struct, frozen=True, gc=False):
    """An event with its place in the one order: the same object on the wire, in the journal and in the browser."""

    seq: int
    ts: Millis
    actor: str
    """Who caused it: `operator:anna`, `agent:scripted_agent`, `plugin:fleet`, `notebook:…`, `player:7656…`."""
    cause: int | None
    """The seq of the event that this one answers, if it answers one."""
    kind: str
    payload: Event
