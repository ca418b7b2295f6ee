"""Everything the kernel raises on purpose; the class says who has to act.

SwitchboardError
├── ConfigInvalid           a person mends the config file; carries every problem at once
├── Refused                 the caller of a command gets this as its answer
│   ├── Malformed           400  the command is not of its form
│   ├── Forbidden           403  whoever asks may not
│   ├── NotFound            404  what it names does not exist
│   ├── Conflict            409  it exists, and its present state does not allow this
│   ├── Rejected            429/409  a guard objects; `retry_after` says when it may be asked again, if ever
│   ├── Unavailable         503  try again: no handler just now, a full lane, a disk that does not take the commit
│   └── HandlerFailed       500  a bug in the plugin that carries it out; it has been logged by name
├── IllegalTransition       a bug: an event that the transition table does not know
├── UnreadableEvent         a bug: an event that could be written down, and never be read back
├── CommitFailed            the journal cannot write; nothing may be answered ok or leave the process
└── PluginFailed            a plugin could not be found, built, started or stopped
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class SwitchboardError(Exception):
    """The root of this package's errors."""


class ConfigInvalid(SwitchboardError):
    """The config cannot be used. `problems` holds one sentence for each thing that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Refused(SwitchboardError):
    """A command was not carried out, and nothing changed.

    `code` is stable and for programs; the message is a sentence for people; `field` names the part of the
    command that it is about (its wire name); `retry_after` is in milliseconds.
    """

    status: ClassVar[int] = 400

    def __init__(self, code: str, message: str, *, field: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after


class Malformed(Refused):
    """The command is not of its form."""


class Forbidden(Refused):
    """Whoever asks may not do this."""

    status = 403


class NotFound(Refused):
    """What the command names does not exist."""

    status = 404


class Conflict(Refused):
    """What the command names exists, but not in a state that allows it."""

    status = 409


class Rejected(Refused):
    """A guard objects. With `retry_after` the same command may pass later; without, a person has to act."""

    @property
    def status(self) -> int:  # type: ignore[override]
        return 409 if self.retry_after is None else 429


class Unavailable(Refused):
    """Nobody can carry this out just now."""

    status = 503


class HandlerFailed(Refused):
    """The plugin that carries this command out has a bug. What it published before stands."""

    status = 500


class IllegalTransition(SwitchboardError):
    """An event would move a row where its transition table does not lead."""


class UnreadableEvent(SwitchboardError):
    """An event is not of its declared form. In the journal it would keep the system from starting again."""


class CommitFailed(SwitchboardError):
    """Events could not be brought to disk. What depends on them must not be answered or sent."""


class PluginFailed(SwitchboardError):
    """A plugin could not be found, built, started or stopped; the message names it and says why."""
