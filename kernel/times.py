"""Which times in the state move when the clock steps: every field that holds a moment says so here.

A test walks the rows and demands that no such field is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kernel.rows import (
    Account,
    AgentOff,
    Attempt,
    Bot,
    CannedReply,
    Chat,
    Contact,
    Deal,
    DoneCommand,
    DoNotContact,
    FriendRequest,
    Invite,
    LeftBehind,
    Mention,
    Message,
    Note,
    Operator,
    Player,
    PluginRow,
    Snooze,
    Task,
)


class Time(StrEnum):
    """What a moment in a row is there for."""

    STAMP = "stamp"
    """To be read. It stays as it was written, whatever becomes of the clock."""
    SPAN = "span"
    """Something is counted from it, waits for it, or is compared with it. It moves along when the clock steps."""
    RUNNING = "running"
    """The same, and only time in which the system runs counts: what it was before a restart, it is after it."""


TIMES: Final[Mapping[type[Struct], Mapping[str, Time | type[Struct]]]] = {
    Bot: {
        "status_since": Time.SPAN,
        "retry_at": Time.SPAN,
        "last_seen": Time.SPAN,
        "added_at": Time.SPAN,
        "invites_blocked_until": Time.SPAN,
        "messages_held_until": Time.SPAN,
        "trades_held_until": Time.SPAN,
        "friend_requests": FriendRequest,
    },
    FriendRequest: {"since": Time.STAMP},
    Task: {
        "status_since": Time.SPAN,
        "created_at": Time.SPAN,
        "reason_since": Time.SPAN,
        "waiting_until": Time.SPAN,
        "reopened_at": Time.STAMP,
        "deal": Deal,
    },
    Deal: {"since": Time.SPAN, "traded_at": Time.SPAN, "reversible_until": Time.SPAN},
    Invite: {
        "queued_at": Time.SPAN,
        "requested_at": Time.RUNNING,
        "sent_at": Time.SPAN,
        "retry_at": Time.SPAN,
    },
    Chat: {
        "agent_off": AgentOff,
        "messages": Message,
        "notes": Note,
        "turn_at": Time.SPAN,
        "started_at": Time.SPAN,
        "closed_at": Time.SPAN,
        "snooze": Snooze,
        "mentions": Mention,
    },
    Snooze: {"until": Time.STAMP, "since": Time.STAMP, "due_at": Time.STAMP},
    Mention: {"since": Time.STAMP},
    AgentOff: {"since": Time.SPAN},
    Message: {"ts": Time.SPAN, "counted_at": Time.RUNNING, "attempt": Attempt},
    Attempt: {"handed_at": Time.SPAN, "retry_at": Time.SPAN},
    Note: {"ts": Time.STAMP},
    Player: {"do_not_contact": DoNotContact, "invite_refused_at": Time.STAMP, "cleared_at": Time.SPAN},
    DoNotContact: {"since": Time.STAMP},
    Account: {"last_invite_at": Time.SPAN, "left_behind": LeftBehind},
    LeftBehind: {"since": Time.SPAN},
    Contact: {"paused_at": Time.STAMP, "invites": Time.RUNNING},
    CannedReply: {"saved_at": Time.STAMP},
    Operator: {"caught_up_at": Time.SPAN},
    DoneCommand: {"ts": Time.STAMP},
    PluginRow: {"since": Time.STAMP, "last_error_at": Time.STAMP},
}
"""By row, and by the records that rows hold: those are named in the place of a kind."""

Moving = Mapping[str, "Time | Moving"]
"""The fields that move, with those of the records in a field beneath it."""


def moving(row: type[Struct]) -> Moving:
    """What moves in a row of that type; empty where nothing does."""
    found: dict[str, Time | Moving] = {}
    for name, kind in TIMES.get(row, {}).items():
        if not isinstance(kind, Time):
            if beneath := moving(kind):
                found[name] = beneath
        elif kind is not Time.STAMP:
            found[name] = kind
    return found


def record(row: type[Struct], field: str) -> type[Struct]:
    """The type of the records that a row holds in this field. Raises KeyError where it holds none."""
    kind = TIMES[row][field]
    if isinstance(kind, Time):
        raise KeyError(field)
    return kind
