"""What Steam tells of persons themselves."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from kernel.events.envelope import Event
from kernel.ids import SteamId64
from kernel.personas import Persona


class PlayerPersonaChanged(Event, frozen=True, kw_only=True):
    """A person we have to do with shows themselves otherwise on Steam; `persona` is the whole of it.

    A transport tells it only where it differs from the row, and bounds how often it does for one person.
    """

    kind: ClassVar[str] = "player.personaChanged"
    player: SteamId64 = field(name="playerSteamId64")
    persona: Persona
