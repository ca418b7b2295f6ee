"""Events about the system itself at a start; the reducers are in `kernel.reducers.system`."""

from __future__ import annotations

from kernel import events as e
from kernel.reducers import COMMANDS_KEPT
from kernel.replay.forms import Placed, Tables, replays
from kernel.rows import DoneCommand


@replays(e.CommandCompleted)
def command_completed(tables: Tables, wire: Placed, event: e.CommandCompleted) -> bool:
    if len(tables.commands) >= COMMANDS_KEPT:
        return False  # others may go
    tables.commands[event.id] = DoneCommand(
        id=event.id, command=event.command, created=event.created, digest=event.digest, ts=wire.ts
    )
    return True
