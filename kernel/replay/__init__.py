"""How a start folds the journal: what the reducers make of it, in a third of their time.

Nobody holds a row before the system runs, nobody undoes an event of an earlier run, and nobody hears of one. So the
commonest kinds have a second form here, beside their reducers' in `kernel.reducers`: it changes rows in place and
keeps no ledger. A form takes the plain case alone. Whatever it declines, and every kind that has none, goes to the
reducer, which folds it or says what is wrong: no refusal is worded twice.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from kernel.codec import CODEC, plain_name
from kernel.events import ClockResumed, ClockStepped, Event
from kernel.reducers import CHANGES_NOTHING, reduce
from kernel.replay import chats, invites, system, tasks
from kernel.replay.forms import FORMS, Form, Placed, Tables
from kernel.state import State

SLICES: Final = (tasks, invites, chats, system)
"""Importing them is what fills the table of forms."""
CLOCK: Final = frozenset({ClockStepped, ClockResumed})


class Replay:
    """Folds lines of the journal into a state that nothing else reads or writes meanwhile."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._tables = Tables(state)
        self._forms = self._usable()

    def fold(self, lines: bytes) -> None:
        """Fold whole lines, the next ones. The state stands behind the last that was folded, also where one is refused.

        Raises ValueError for a line that cannot be read and for a gap, KeyError and IllegalTransition as `reduce` does.
        """
        state, tables, form_of = self._state, self._tables, self._forms.get
        seq, ts = state.seq, state.ts
        try:
            for wire in CODEC.decode_wires(lines):
                if wire.seq != seq + 1:
                    raise ValueError(f"event {seq + 1} is missing: the next one is {wire.seq}")
                event = wire.payload
                form = form_of(type(event))
                if form is None or wire.v != 1 or not form(tables, wire, event):
                    state.seq, state.ts = seq, ts
                    self._reduce(wire)
                    form_of = self._forms.get
                seq, ts = wire.seq, wire.ts
        finally:
            tables.settle()
            state.seq, state.ts = seq, ts

    def _reduce(self, wire: Any) -> None:
        """As any event is folded."""
        envelope = CODEC.envelope(wire)
        self._tables.settle()
        reduce(self._state, envelope, replayed=True)
        kind, requests = type(envelope.payload), self._state.contact.invites
        if kind in CLOCK or (kind in invites.BY_HOUR and requests[-2:] != tuple(sorted(requests[-2:]))):
            self._forms = self._usable()

    def _usable(self) -> dict[type[Event], Form]:
        """The forms that hold for the state as it is."""
        requests = self._state.contact.invites
        is_ascending = all(one <= other for one, other in pairwise(requests))
        owners = self._state.plugin_rows.owners  # hear of the kernel's events too that bear their name
        passed = [event for event in CHANGES_NOTHING if plain_name(event.kind.partition(".")[0]) not in owners]
        forms = {event: form for event, form in FORMS.items() if is_ascending or event not in invites.BY_HOUR}
        return {**dict.fromkeys(passed, _pass), **forms}


def _pass(tables: Tables, wire: Placed, event: Event) -> bool:
    """An event that leaves every row as it is."""
    return True
