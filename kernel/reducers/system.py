"""How events about the system itself change the state: commands that were carried out, plugins that come and go."""

from __future__ import annotations

from typing import Final

from kernel import events as e
from kernel.clock import DAY
from kernel.errors import IllegalTransition
from kernel.reducers.register import reduces
from kernel.rows import DoneCommand, PluginRow, PluginStatus
from kernel.state import State

COMMANDS_KEPT: Final = 10_000
"""How many command ids are remembered: the same id is not carried out twice as long as it is among them."""
COMMANDS_KEPT_FOR: Final = 7 * DAY
COMMANDS_MOST: Final = 100_000
"""For so long there are more of them, up to so many."""
SENTENCE_ENDS: Final = (".", "!", "?", "…")


@reduces(e.CommandCompleted)
def command_completed(state: State, envelope: e.Envelope, event: e.CommandCompleted) -> None:
    done = DoneCommand(id=event.id, command=event.command, created=event.created, digest=event.digest, ts=envelope.ts)
    state.commands.put(done)
    for _ in range(len(state.commands) - COMMANDS_KEPT):
        oldest: DoneCommand = state.commands[next(iter(state.commands))]
        if len(state.commands) <= COMMANDS_MOST and envelope.ts - oldest.ts <= COMMANDS_KEPT_FOR:
            break
        state.commands.drop(oldest.id)


def _plugin(state: State, envelope: e.Envelope, name: str, status: PluginStatus, **fields: object) -> None:
    """The plugin is in that state from now on; what else is known of it stays."""
    if name not in state.plugins:
        state.plugins.put(PluginRow(name=name, status=status, since=envelope.ts))
    state.plugins.update(name, **({"status": status, "since": envelope.ts, "detail": None} | fields))


def _facts(event: e.PluginFacts) -> dict[str, object]:
    return {"version": event.version, "code": event.code, "hooks": event.hooks, "fixed": event.fixed}


@reduces(e.PluginFound)
def plugin_found(state: State, envelope: e.Envelope, event: e.PluginFound) -> None:
    _plugin(state, envelope, event.name, PluginStatus.STOPPED, **_facts(event))


@reduces(e.PluginStarted)
def plugin_started(state: State, envelope: e.Envelope, event: e.PluginStarted) -> None:
    _plugin(state, envelope, event.name, PluginStatus.RUNNING, **_facts(event))


@reduces(e.PluginReloaded)
def plugin_reloaded(state: State, envelope: e.Envelope, event: e.PluginReloaded) -> None:
    _plugin(state, envelope, event.name, PluginStatus.RUNNING, **_facts(event))


@reduces(e.PluginRolledBack)
def plugin_rolled_back(state: State, envelope: e.Envelope, event: e.PluginRolledBack) -> None:
    _plugin(state, envelope, event.name, PluginStatus.RUNNING, detail=event.detail)


@reduces(e.PluginStopped)
def plugin_stopped(state: State, envelope: e.Envelope, event: e.PluginStopped) -> None:
    _plugin(state, envelope, event.name, PluginStatus.STOPPED)


@reduces(e.PluginQuarantined)
def plugin_quarantined(state: State, envelope: e.Envelope, event: e.PluginQuarantined) -> None:
    _plugin(state, envelope, event.name, PluginStatus.QUARANTINED, detail=event.detail)


def _known_plugin(state: State, name: str) -> PluginRow:
    row: PluginRow | None = state.plugins.get(name)
    if row is None:
        raise IllegalTransition(f"there is no plugin {name}")
    return row


@reduces(e.PluginEnabled)
def plugin_enabled(state: State, envelope: e.Envelope, event: e.PluginEnabled) -> None:
    _known_plugin(state, event.name)
    state.plugins.update(event.name, enabled=True)


@reduces(e.PluginDisabled)
def plugin_disabled(state: State, envelope: e.Envelope, event: e.PluginDisabled) -> None:
    _known_plugin(state, event.name)
    state.plugins.update(event.name, enabled=False)


@reduces(e.PluginDismissed)
def plugin_dismissed(state: State, envelope: e.Envelope, event: e.PluginDismissed) -> None:
    _known_plugin(state, event.name)
    state.plugins.drop(event.name)


@reduces(e.PluginSwapped)
def plugin_swapped(state: State, envelope: e.Envelope, event: e.PluginSwapped) -> None:
    seat = _known_plugin(state, event.old).seat or event.old
    _known_plugin(state, event.new)
    state.plugins.update(event.old, enabled=False, seat=None)
    state.plugins.update(event.new, enabled=True, seat=seat if seat != event.new else None)


@reduces(e.ErrorLogged)
def error_logged(state: State, envelope: e.Envelope, event: e.ErrorLogged) -> None:
    if event.source in state.plugins:
        state.plugins.update(event.source, last_error=_joined(event.message, event.detail), last_error_at=envelope.ts)


def _joined(message: str, detail: str | None) -> str:
    """A sentence and its detail: after a full stop, the detail is one of its own."""
    if not detail:
        return message
    return f"{message}{' ' if message.endswith(SENTENCE_ENDS) else ': '}{detail}"
