"""Who a person on Steam shows themselves to be: name, picture, state and game; part of `kernel.rows`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class PersonaState(StrEnum):
    """Whether a person is to be had just now: Steam's EPersonaState."""

    OFFLINE = "offline"
    ONLINE = "online"
    BUSY = "busy"
    AWAY = "away"
    SNOOZE = "snooze"
    LOOKING_TO_TRADE = "lookingToTrade"
    LOOKING_TO_PLAY = "lookingToPlay"
    INVISIBLE = "invisible"


class Persona(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """What Steam last told of a person. Names are foreign text, cleaned (`texts.cleaned_name`); None is not known."""

    name: str | None = None
    """The persona name; None also where nothing of it could be seen, or it was the form of a SteamID."""
    avatar: str | None = None
    """The hash of the picture, 40 hexadecimal digits."""
    state: PersonaState | None = None
    game_id: int | None = None
    """The app that they play, by its number; None: none."""
    game: str | None = None
    """What Steam calls that game, where it says so; of a game that is not Steam's the person has written it."""
