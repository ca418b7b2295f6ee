"""How events about the system itself change the state: commands that were carried out, plugins that come and go."""

from __future__ import annotations

from typing import Final

from kernel import events as e
from kernel.reducers.register import reduces
from kernel.rows import DoneCommand, PluginRow, PluginStatus
from kernel.state import State

COMMANDS_KEPT: Final = 10_000
"""How many command ids are remembered: the same id is not carried out twice as long as it is among them."""


@reduces(e.CommandCompleted)
def command_completed(state: State, envelope: e.Envelope, event: e.CommandCompleted) -> None:
    state.commands.put(DoneCommand(id=event.id, command=event.command, created=event.created, ts=envelope.ts))
    if len(state.commands) > COMMANDS_KEPT:
        state.commands.drop(next(iter(state.commands)))


def _plugin(state: State, envelope: e.Envelope, name: str, status: PluginStatus, detail: str | None) -> None:
    state.plugins.put(PluginRow(name=name, status=status, since=envelope.ts, detail=detail))


@reduces(e.PluginStarted)
def plugin_started(state: State, envelope: e.Envelope, event: e.PluginStarted) -> None:
    _plugin(state, envelope, event.name, PluginStatus.RUNNING, None)


@reduces(e.PluginStopped)
def plugin_stopped(state: State, envelope: e.Envelope, event: e.PluginStopped) -> None:
    _plugin(state, envelope, event.name, PluginStatus.STOPPED, None)


@reduces(e.PluginQuarantined)
def plugin_quarantined(state: State, envelope: e.Envelope, event: e.PluginQuarantined) -> None:
    _plugin(state, envelope, event.name, PluginStatus.QUARANTINED, event.detail)
