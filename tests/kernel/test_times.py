"""Every moment in the state says what it is there for, and a step moves those that something is counted from."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import given, settings

from kernel.clock import DAY, HOUR, Millis
from kernel.events import ClockResumed, ClockStepped, Envelope, Event
from kernel.reducers import reduce
from kernel.snapshot import Snapshot
from kernel.state import State
from kernel.times import TIMES, Time, moving
from tests.histories import fold, histories


def types_in(hint: Any) -> Iterator[Any]:
    """The type and all that it is made of."""
    yield hint
    for argument in typing.get_args(hint):
        yield from types_in(argument)


def records(row: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    """The row's type, and those of the records that it holds."""
    found = {row}
    for field in msgspec.structs.fields(row):
        for kind in types_in(field.type):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                found |= records(kind)
    return found


def test_every_field_that_holds_a_moment_is_declared_and_nothing_else_is() -> None:
    rows = set().union(*(records(table.row_type) for table in State().tables))
    found = {}
    for row in rows:
        fields = {field.name: set(types_in(field.type)) for field in msgspec.structs.fields(row)}
        moments = {name for name, kinds in fields.items() if Millis in kinds}
        holding = {name for name, kinds in fields.items() if kinds & (TIMES.keys() - {row})}
        if moments or holding:
            found[row] = moments | holding

    assert {row: set(declared) for row, declared in TIMES.items()} == found


def times(state: State) -> dict[tuple[str, str, str], Any]:
    """Every moment in the state that moves, by where it stands."""
    found: dict[tuple[str, str, str], Any] = {}

    def walk(where: tuple[str, str, str], record: Any, plan: Any) -> None:
        for name, kind in plan.items():
            value = getattr(record, name)
            for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
                place = (*where[:2], f"{where[2]} {name} {number}")
                if isinstance(kind, Time) and one is not None:
                    found[place] = kind, one
                elif not isinstance(kind, Time) and one is not None:
                    walk(place, one, kind)

    for table in state.tables:
        for key, row in table.items():
            walk((table.name, key, ""), row, moving(table.row_type))
    return found


def then(state: State, event: Event) -> None:
    moved = event.shift_ms if isinstance(event, ClockStepped | ClockResumed) else 0
    reduce(state, Envelope.of(state.seq + 1, Millis(state.ts + moved), "kernel", None, event))


@given(events=histories())
@settings(max_examples=60, deadline=None)
def test_after_a_step_everything_is_as_long_ago_and_as_far_ahead_as_before(events: list[Envelope]) -> None:
    state = fold(events)
    before, seen = times(state), Snapshot.of(state).tables
    then(state, ClockStepped(by_ms=DAY, earlier_by_ms=DAY, run_began=Millis(0)))

    assert times(state) == {place: (kind, at + DAY) for place, (kind, at) in before.items()}

    then(state, ClockStepped(by_ms=-DAY, earlier_by_ms=-DAY, run_began=Millis(0)))
    assert Snapshot.of(state).tables == seen


@given(events=histories())
@settings(max_examples=60, deadline=None)
def test_what_is_older_than_the_run_moves_as_far_as_it_is_said_to(events: list[Envelope]) -> None:
    state = fold(events)
    began = Millis(state.ts - HOUR)
    before = times(state)
    then(state, ClockStepped(by_ms=-3 * HOUR, earlier_by_ms=0, run_began=began))

    for place, (kind, at) in times(state).items():
        was = before[place][1]
        young = was >= began or kind is Time.RUNNING
        assert at == was - (3 * HOUR if young else 0), place


@given(events=histories())
@settings(max_examples=60, deadline=None)
def test_a_run_that_begins_later_moves_only_what_counts_while_the_system_runs_and_one_that_begins_earlier_all(
    events: list[Envelope],
) -> None:
    state = fold(events)
    before = times(state)
    then(state, ClockResumed(gap_ms=DAY))
    expected = {place: (kind, at + (DAY if kind is Time.RUNNING else 0)) for place, (kind, at) in before.items()}
    assert times(state) == expected

    then(state, ClockResumed(gap_ms=-DAY))
    assert times(state) == {place: (kind, at - DAY) for place, (kind, at) in expected.items()}
