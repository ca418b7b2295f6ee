"""How each event changes the state: plain functions, the only writers of rows, one module a slice."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from kernel import events as e
from kernel.events import AuditRecorded, EventWithheld
from kernel.reducers import bots, chats, clock, contact, deals, desk, invites, players, system, tasks, team
from kernel.reducers.register import REDUCERS as REDUCERS
from kernel.reducers.system import COMMANDS_KEPT as COMMANDS_KEPT
from kernel.reducers.system import COMMANDS_KEPT_FOR as COMMANDS_KEPT_FOR
from kernel.reducers.system import COMMANDS_MOST as COMMANDS_MOST
from kernel.state import State

SLICES: Final = (bots, tasks, deals, invites, chats, contact, players, team, desk, system, clock)
"""Importing them is what fills the register."""

CHANGES_NOTHING: Final[frozenset[type[e.Event]]] = frozenset(
    {
        e.FriendRelationshipChanged,  # the transport's reports: whoever makes sense of them says so in an event
        e.FriendMessageArrived,
        e.SystemStarted,
        e.SystemStopped,
        e.LiveShellOpened,
        e.LiveShellRan,
        e.LiveShellClosed,
        AuditRecorded,
        EventWithheld,
    }
)
"""Events that are facts of the log and leave the state as it is."""


def reduce(state: State, envelope: e.Envelope, *, replayed: bool = False) -> None:
    """Fold one event into the state, whole or not at all. Raises IllegalTransition and changes nothing.

    `replayed`: it is of an earlier run. What a plugin's reducer raises then is the plugin's, which does not start.
    """
    reducer = REDUCERS.get(type(envelope.payload))
    state.begin()
    try:
        if reducer is not None:
            reducer(state, envelope, envelope.payload)
        elif type(envelope.payload) is e.Split:
            _reduce_each(state, envelope, envelope.payload)
        if reducer is None:
            state.plugin_rows.fold(envelope, replayed=replayed)
    except BaseException:  # raised again: no event is folded by half, whatever stops it
        state.roll_back()
        raise
    state.commit()
    if isinstance(envelope.payload, e.ClockStepped | e.ClockResumed):
        # their rows were moved in another order than that of the queues
        state.index.rebuild_queues(state.tasks, state.invites)
    state.seq, state.ts = envelope.seq, envelope.ts


def _reduce_each(state: State, envelope: e.Envelope, split: e.Split) -> None:
    for event in split.events:
        reducer = REDUCERS.get(type(event))
        if reducer is not None:
            reducer(state, replace(envelope, kind=event.kind, payload=event, v=event.v), event)
