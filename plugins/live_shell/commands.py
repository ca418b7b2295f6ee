"""What opens and closes the shell."""

from __future__ import annotations

from typing import ClassVar, Final

from kernel.commands import Command
from kernel.roles import Role

LONGEST_MINUTES: Final = 480


class OpenLiveShell(Command[str], frozen=True, kw_only=True):
    """Open a Python shell inside the process, for so many minutes. Answered with the path of its connection file."""

    role: ClassVar[Role] = Role.ADMIN
    takes_proof: ClassVar[bool] = True
    lane_of: ClassVar[str | None] = "kind"
    minutes: int = 60

    def __post_init__(self) -> None:
        if not 1 <= self.minutes <= LONGEST_MINUTES:
            raise ValueError(f"minutes: give 1 to {LONGEST_MINUTES}")


class CloseLiveShell(Command[None], frozen=True, kw_only=True):
    """Close the shell; what it runs is interrupted."""

    role: ClassVar[Role] = Role.ADMIN
    lane_of: ClassVar[str | None] = "kind"
