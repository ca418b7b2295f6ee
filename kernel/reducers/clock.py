"""How a step of the clock changes the state: the times that something is counted from move along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kernel import events as e
from kernel.reducers.register import reduces
from kernel.state import State
from kernel.times import Moving, Time, moving

Movers = Mapping[Time, Callable[[int], int]]


@reduces(e.ClockStepped)
def clock_stepped(state: State, envelope: e.Envelope, event: e.ClockStepped) -> None:
    _move(state, {Time.SPAN: event.moved, Time.RUNNING: lambda at: at + event.by_ms})


@reduces(e.ClockResumed)
def clock_resumed(state: State, envelope: e.Envelope, event: e.ClockResumed) -> None:
    movers: dict[Time, Callable[[int], int]] = {Time.RUNNING: lambda at: at + event.gap_ms}
    if event.gap_ms < 0:
        movers[Time.SPAN] = movers[Time.RUNNING]
    _move(state, movers)


def _move(state: State, movers: Movers) -> None:
    for table in state.tables:
        plan = moving(table.row_type)
        for row in table.rows() if plan else ():
            changes = _changes(row, plan, movers)
            if changes:
                table.put(replace(row, **changes))


def _changes(row: Struct, plan: Moving, movers: Movers) -> dict[str, Any]:
    """The fields of a row, or of a record in one, that have another value then."""
    changes: dict[str, Any] = {}
    for name, kind in plan.items():
        value = getattr(row, name)
        if value is None:
            continue
        moved = _moved(value, kind, movers)
        if moved != value:
            changes[name] = moved
    return changes


def _moved(value: Any, kind: Time | Moving, movers: Movers) -> Any:
    if isinstance(value, tuple):
        return tuple(_moved(one, kind, movers) for one in value)
    if isinstance(kind, Time):
        return movers[kind](value) if kind in movers else value
    changes = _changes(value, kind, movers)
    return replace(value, **changes) if changes else value
