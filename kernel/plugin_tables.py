"""What a plugin declares of rows of its own: tables, how its events change them, and how older rows are lifted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

from kernel.errors import PluginFailed
from kernel.events import Envelope, Event
from kernel.lifts import Fields, Lift
from kernel.row import Row
from kernel.tables import Table

OwnRow = TypeVar("OwnRow", bound=Row)
E = TypeVar("E", bound=Event)
OwnReducer = Callable[[Table[str, OwnRow], Envelope, E], object]

OWN_ROWS_MOST: Final = 10_000
"""Rows that a plugin may have, over all its tables."""
OWN_BYTES_MOST: Final = 4 * 1024 * 1024
"""What they may come to as JSON."""


class PluginTable(Generic[OwnRow]):
    """A table of a plugin's own: frozen rows by their `id`, folded from the plugin's own events.

    When the form of its rows changes, `version` is raised by one. A new field that has a default needs no more;
    otherwise `lifts[n]` makes a row of version n, as JSON holds it, one of version n + 1.
    """

    def __init__(
        self, name: str, row_type: type[OwnRow], *, version: int = 1, lifts: Mapping[int, Lift] | None = None
    ) -> None:
        self.name = name
        self.row_type = row_type
        self.version = version
        self.lifts: Mapping[int, Lift] = lifts or {}
        self.reducers: dict[str, OwnReducer[Any, Any]] = {}
        """By the kind of the event."""

    def reduces(self, event: type[E]) -> Callable[[OwnReducer[OwnRow, E]], OwnReducer[OwnRow, E]]:
        """Name the one function that folds this event into the table: `reducer(rows, envelope, event)`.

        It is plain and goes by its arguments alone, since it runs again over the same events at other times. Raising
        refuses the event: then nothing has happened.
        """

        def register(reducer: OwnReducer[OwnRow, E]) -> OwnReducer[OwnRow, E]:
            if event.kind in self.reducers:
                raise TypeError(f"{event.kind} has two reducers in the table {self.name}")
            self.reducers[event.kind] = reducer
            return reducer

        return register

    def expect_sound(self, plugin: str, events: Collection[type[Event]]) -> None:
        """Raises PluginFailed for what cannot be a table of that plugin, which brings these events."""
        row_type: object = self.row_type
        kept = isinstance(row_type, type) and issubclass(row_type, Row)
        if not kept or "id" not in self.row_type.__struct_fields__:
            raise PluginFailed(f"{plugin}: the rows of its table {self.name} must be a subclass of Row with an `id`")
        foreign = self.reducers.keys() - {event.kind for event in events}
        if foreign:
            raise PluginFailed(
                f"{plugin}: its table {self.name} reduces {min(foreign)!r}, which is not in its `events`"
            )

    def read(self, version: int, raw: msgspec.Raw) -> OwnRow:
        """A row of that version in the form of today's. Raises whatever a lift raises, and msgspec.ValidationError."""
        if version == self.version:
            return msgspec.json.decode(raw, type=self.row_type)
        row: Fields = msgspec.json.decode(raw)
        for step in range(version, self.version):
            lift = self.lifts.get(step)
            if lift is not None:
                row = lift(row)
        return msgspec.convert(row, type=self.row_type)


class StoredRows(msgspec.Struct, frozen=True):
    """Some rows of one table of a plugin's, as a snapshot holds them."""

    plugin: str
    table: str
    version: int
    rows: list[msgspec.Raw]
    missed: int | None = None
    """The first event of the plugin's that is not folded into the table; None where none is missing."""
