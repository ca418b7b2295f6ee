"""Faults and personas by command, so that a demonstration or a notebook can give the simulated Steam a bad day."""

from __future__ import annotations

from typing import ClassVar

from kernel.commands import Command
from kernel.ids import SteamId64, parse_steam_id64
from plugins.steam_sim.deeds import Deed
from plugins.steam_sim.faults import Fault, FaultKind, fault_of


class SwitchFaultOn(Command[None], frozen=True, kw_only=True):
    """Have the simulated Steam do something wrong: for one account or all, so many times or until it is switched off.

    `eresult` is what the fault's answers bear, where it has any; `chance` how often it strikes when it could; `player`
    whom the invites and messages are for that it befalls; `per_minute` how many of an account's go well before.
    """

    lane_of: ClassVar[str | None] = "fault"
    fault: FaultKind
    eresult: int = 2
    steam_id64: SteamId64 | None = None
    times: int | None = None
    chance: float = 1.0
    delay_ms: int = 30_000
    amount: int = 2_000
    cm: int | None = None
    player: SteamId64 | None = None
    per_minute: int | None = None

    def __post_init__(self) -> None:
        self.rule()

    def rule(self) -> Fault:
        """The same as a rule; ValueError says what makes no sense."""
        if self.steam_id64 is not None:
            parse_steam_id64(self.steam_id64)
        account = int(self.steam_id64) if self.steam_id64 is not None else None
        if self.player is not None:
            parse_steam_id64(self.player)
        return fault_of(self, account)


class SwitchFaultsOff(Command[None], frozen=True, kw_only=True):
    """Switch faults of the simulated Steam off: those of a kind, of an account, or all."""

    lane_of: ClassVar[str | None] = "kind"
    fault: FaultKind | None = None
    steam_id64: SteamId64 | None = None

    def __post_init__(self) -> None:
        if self.steam_id64 is not None:
            parse_steam_id64(self.steam_id64)


class ShowPersona(Command[None], frozen=True, kw_only=True):
    """Have a simulated player show themselves otherwise: what is left out stays as it is.

    `avatar`: 40 hexadecimal digits; `state`: Steam's EPersonaState, from 0; `app`: what they play, 0 for nothing.
    """

    lane_of: ClassVar[str | None] = "player"
    player: SteamId64
    name: str | None = None
    avatar: str | None = None
    state: int | None = None
    app: int | None = None
    game: str | None = None

    def __post_init__(self) -> None:
        parse_steam_id64(self.player)


class DoAsPlayer(Command[None], frozen=True, kw_only=True):
    """Have a simulated player do something about another account: invite it, decline, block, say a text."""

    lane_of: ClassVar[str | None] = "player"
    player: SteamId64
    deed: Deed
    other: SteamId64
    text: str = ""

    def __post_init__(self) -> None:
        parse_steam_id64(self.player)
        parse_steam_id64(self.other)
