"""Events as data frames: who, when and what, and a column for every field that their payloads have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from kernel.clock import Millis
from kernel.codec import JSON
from kernel.events import Envelope, UnknownEvent
from switchboard import frames

if TYPE_CHECKING:
    import pandas
    import polars


class _Head(Struct):
    seq: int
    ts: Millis
    actor: str
    cause: int | None
    kind: str


_HEAD: Final = frames.columns(_Head)


def to_pandas(events: Sequence[Envelope]) -> pandas.DataFrame:
    """Raises NotInstalled."""
    return frames.pandas_frame(_columns(events))


def to_polars(events: Sequence[Envelope]) -> polars.DataFrame:
    """Raises NotInstalled."""
    return frames.polars_frame(_columns(events))


def _columns(events: Sequence[Envelope]) -> list[tuple[str, str, list[object]]]:
    """Name, kind and values of each column; a field that an event has not is empty there."""
    columns = [(c.name, c.kind, [c.value(getattr(event, c.name)) for event in events]) for c in _HEAD]
    fields: dict[str, str] = {}
    for kind in dict.fromkeys(type(event.payload) for event in events if not isinstance(event.payload, UnknownEvent)):
        for column in frames.columns(kind):
            # two kinds may call different things by one name, such as `until`: then it is text
            fields[column.name] = column.kind if fields.get(column.name, column.kind) == column.kind else "text"
    for event in events:
        if isinstance(event.payload, UnknownEvent):  # of a plugin that is not installed here
            fields |= dict.fromkeys(event.payload.fields, "text")
    taken = {column.name for column in _HEAD}
    for name, kind_of_field in fields.items():
        values = [_value(event, name, as_text=kind_of_field == "text") for event in events]
        columns.append((f"payload_{name}" if name in taken else name, kind_of_field, values))
    return columns


def _value(event: Envelope, name: str, *, as_text: bool) -> object:
    if isinstance(event.payload, UnknownEvent):
        found = event.payload.fields.get(name)
        return None if found is None else found if isinstance(found, str) else JSON.encode(found).decode()
    column = next((column for column in frames.columns(type(event.payload)) if column.name == name), None)
    if column is None:
        return None
    value = column.value(getattr(event.payload, name))
    return str(value) if as_text and value is not None else value
