"""The facts about the system itself: its runs, its clock, its commands, its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from msgspec.structs import force_setattr

from kernel.clock import Millis
from kernel.codes import AnyCode
from kernel.events.envelope import Event
from kernel.ids import CommandId
from kernel.redaction import cleaned
from kernel.rows import FAILED

TEXT_LENGTH: Final = 2_000
"""Characters of each text of an error; what was longer is in the log."""


class CommandCompleted(Event, frozen=True, kw_only=True):
    """A command that came with an id was carried out; the same id is answered from here when it comes again."""

    kind: ClassVar[str] = "command.completed"
    viewer_sees: ClassVar[Mapping[str, object]] = {"digest": ""}
    id: CommandId
    command: str
    created: str | None = None
    digest: str | None = None
    """Of the actor and of the payload without its secrets: another command under this id is refused."""


class SystemStarted(Event, frozen=True, kw_only=True):
    """The state is recovered and the plugins are up; what was under way is settled from here on."""

    kind: ClassVar[str] = "system.started"
    version: str


class SystemStopped(Event, frozen=True, kw_only=True):
    """The last event of a run that ended in good order."""

    kind: ClassVar[str] = "system.stopped"


class ClockResumed(Event, frozen=True, kw_only=True):
    """A run goes on from an earlier one, whose last event was `gap_ms` ago by this machine's clock.

    Below 0 that clock is behind what the state has seen: all that something is counted from moves back with it. Above,
    what counts only while the system runs is taken up where it was.
    """

    kind: ClassVar[str] = "clock.resumed"
    gap_ms: int

    @property
    def shift_ms(self) -> int:
        """By how much the time of events jumps here."""
        return min(0, self.gap_ms)


class ClockStepped(Event, frozen=True, kw_only=True):
    """The machine's clock was set, and has stayed there, so the system's went along; so do spans in the state.

    `by_ms` is how far, ahead or back. Times from before `run_began`, by the clock as it was, move by `earlier_by_ms`:
    they may have been right already, where the clock was wrong from the start of the run on.
    """

    kind: ClassVar[str] = "clock.stepped"
    by_ms: int
    earlier_by_ms: int
    run_began: Millis

    @property
    def shift_ms(self) -> int:
        """By how much the time of events jumps here."""
        return self.by_ms

    def moved(self, at: int) -> Millis:
        """Where a moment that something is counted from stands after the step."""
        return Millis(at + (self.by_ms if at >= self.run_began else self.earlier_by_ms))


class LiveShellOpened(Event, frozen=True, kw_only=True):
    """The actor has a Python shell inside the process, until then at the latest."""

    kind: ClassVar[str] = "liveShell.opened"
    until: Millis


class LiveShellRan(Event, frozen=True, kw_only=True):
    """The actor runs a cell in the shell. Its text may hold secrets, so the event has its SHA-256 alone."""

    kind: ClassVar[str] = "liveShell.ran"
    cell: int
    sha256: str


class LiveShellClosed(Event, frozen=True, kw_only=True):
    """The shell is closed: `closed` by command, `left` from inside, `expired`, `stopped`, or its cell `leftBehind`."""

    kind: ClassVar[str] = "liveShell.closed"
    reason: AnyCode


class ErrorLogged(Event, frozen=True, kw_only=True):
    """Something went wrong that nobody is waiting for: where, what, and nothing secret."""

    kind: ClassVar[str] = "error.logged"
    viewer_sees: ClassVar[Mapping[str, object]] = {"message": FAILED, "detail": ""}
    source: str
    """The plugin, or `kernel`."""
    message: str
    detail: str | None = None

    def __post_init__(self) -> None:
        """Texts of plugins and of libraries enter here: from here on they are shown, kept and sent as they are."""
        force_setattr(self, "message", cleaned(self.message, TEXT_LENGTH))
        if self.detail is not None:
            force_setattr(self, "detail", cleaned(self.detail, TEXT_LENGTH))
