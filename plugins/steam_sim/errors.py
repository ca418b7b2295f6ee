"""What can go wrong in the simulated Steam.

SimulationError
├── BadOptions    the options make no sense, or not for this folder: change them or take another folder
├── PortTaken     a port that was asked for, or saved by an earlier run, belongs to another process
├── LogBroken     the folder's world.log is damaged before its end: restore it or take another folder
└── SteamRefused  Steam says no to a client; becomes the EResult of its answer
"""

from __future__ import annotations

from plugins.steam_protocol import eresult as eresults


class SimulationError(Exception):
    """Everything that this package raises on purpose."""


class BadOptions(SimulationError):
    """The simulation cannot be built as asked; nothing was started."""


class PortTaken(SimulationError):
    """Another process listens where this one was told to."""


class LogBroken(SimulationError):
    """A record in the middle of the log cannot be read, so the world after it would be made up."""


class SteamRefused(SimulationError):
    """Steam's answer to a request is `eresult`."""

    def __init__(self, eresult: int, reason: str) -> None:
        super().__init__(f"{eresults.name(eresult)} ({int(eresult)}): {reason}")
        self.eresult = int(eresult)
        self.reason = reason
