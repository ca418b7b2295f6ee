"""How events about persons themselves change the state."""

from __future__ import annotations

from msgspec.structs import replace

from kernel import events as e
from kernel.reducers.register import reduces
from kernel.rows import Player
from kernel.state import State


@reduces(e.PlayerPersonaChanged)
def persona_changed(state: State, envelope: e.Envelope, event: e.PlayerPersonaChanged) -> None:
    player: Player = state.players.get(event.player) or Player(steam_id64=event.player)
    state.players.put(replace(player, persona=event.persona))
