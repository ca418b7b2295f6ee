"""Faults by command, so that a demonstration or a notebook can give the simulated Steam a bad day."""

from __future__ import annotations

from typing import ClassVar

from kernel.commands import Command
from kernel.ids import SteamId64, parse_steam_id64
from plugins.steam_sim.faults import FaultKind


class SwitchFaultOn(Command[None], frozen=True, kw_only=True):
    """Have the simulated Steam do something wrong: for one account or all, so many times or until it is switched off.

    `eresult` is what the fault's answers bear, where it has any.
    """

    lane_of: ClassVar[str | None] = "fault"
    fault: FaultKind
    eresult: int = 2
    steam_id64: SteamId64 | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.eresult < 1_000 or self.eresult == 1:
            raise ValueError("eresult: give a result of Steam's that is not OK, from 2 to 999")
        if self.times is not None and self.times < 1:
            raise ValueError("times: give at least 1, or leave the field out")
        if self.steam_id64 is not None:
            parse_steam_id64(self.steam_id64)


class SwitchFaultsOff(Command[None], frozen=True, kw_only=True):
    """Switch faults of the simulated Steam off: those of a kind, of an account, or all."""

    lane_of: ClassVar[str | None] = "kind"
    fault: FaultKind | None = None
    steam_id64: SteamId64 | None = None

    def __post_init__(self) -> None:
        if self.steam_id64 is not None:
            parse_steam_id64(self.steam_id64)
