"""Everything the kernel raises on purpose; the class says what has happened, and who has to act.

SwitchboardError
├── ConfigInvalid           a person mends the config file; carries every problem at once
├── CommandError            what a command is answered with, where that is not ok
│   ├── Refused             not carried out, and nothing changed
│   │   ├── Malformed       400  the command is not of its form
│   │   ├── Forbidden       403  whoever asks may not
│   │   ├── NotFound        404  what it names does not exist
│   │   ├── Conflict        409  it exists, and its present state does not allow this
│   │   ├── Rejected        429/409  a guard objects; `retry_after` says when it may be asked again, if ever
│   │   └── Unavailable     503  try again: no handler just now, a full lane
│   │       ├── NotDurable  503  the journal cannot write, so the handler was not run
│   │       └── NotSent     503  a request to Steam surely never left this process
│   ├── Unconfirmed         504  it ran, and the journal has not confirmed it: ask again with the same id
│   ├── Unfinished          504  it has taken effect, and what was sent before it is still under way: ask again to wait
│   ├── RefusedBySteam      502  the request left, and Steam answered no: it counts as an attempt
│   ├── InDoubt             504  the request left or may have, and no answer came: settle it, never repeat it
│   └── HandlerFailed       500  a bug in the plugin that carries it out; it has been logged by name
├── IllegalTransition       a bug: an event that the transition table does not know
├── UnreadableEvent         a bug: an event that could be written down, and never be read back
├── CommitFailed            the journal cannot write; nothing may be answered ok or leave the process
└── PluginFailed            a plugin could not be found, built, started or stopped

A request to Steam ends in one of four ways: it returns, or its handler raises NotSent, RefusedBySteam or InDoubt
(`kernel.outcomes` judges them). Whatever else such a handler raises is taken for InDoubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from kernel.codes import Binds as Binds
from kernel.codes import Refusal


class SwitchboardError(Exception):
    """The root of this package's errors."""


class ConfigInvalid(SwitchboardError):
    """The config cannot be used. `problems` holds one sentence for each thing that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class CommandError(SwitchboardError):
    """A command is not answered ok.

    `code` is stable and for programs, declared by whoever gives it (`kernel.codes`); `message` is a sentence
    for people; `field` names the part of the command that it is about (its wire name); `retry_after` is in
    milliseconds.
    """

    status: ClassVar[int] = 500
    """Of the HTTP answer."""

    def __init__(self, code: Refusal, text: str, *, field: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.message = text
        self.field = field
        self.retry_after = retry_after


class Refused(CommandError):
    """A command was not carried out, and nothing changed."""

    status = 400


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
    """A guard objects. With `retry_after` the same command may pass later; without, a person has to act.

    `passing`: the objection is to no part of the command, and ends without it, though nobody knows when.
    """

    def __init__(
        self,
        code: Refusal,
        text: str,
        *,
        field: str | None = None,
        retry_after: int | None = None,
        passing: bool = False,
    ) -> None:
        super().__init__(code, text, field=field, retry_after=retry_after)
        self.passing = passing

    @property
    def status(self) -> int:  # type: ignore[override]
        return 409 if self.retry_after is None else 429


class Unavailable(Refused):
    """Nobody can carry this out just now; nothing was done, and the same command may be given again."""

    status = 503


class NotDurable(Unavailable):
    """The journal cannot write, so the handler was not run."""


class NotSent(Unavailable):
    """A request to Steam surely never left this process, so it is no attempt.

    `again`: it may be made again; else it never will leave as it is.
    """

    def __init__(
        self, code: Refusal, text: str, *, field: str | None = None, retry_after: int | None = None, again: bool = True
    ) -> None:
        super().__init__(code, text, field=field, retry_after=retry_after)
        self.again = again


class Unconfirmed(CommandError):
    """The handler ran, and the journal has not confirmed what it did.

    What it did stands in memory, and is on disk once the journal writes again; a crash before that undoes it. The same
    command with the same id is answered by what has become of it: it is never carried out a second time.
    """

    status = 504


class Unfinished(CommandError):
    """What was asked for has taken effect, but a request that was sent before it has not ended within the deadline.

    Ask again to wait for it.
    """

    status = 504


class RefusedBySteam(CommandError):
    """The request left, and Steam answered it with a refusal.

    It counts as an attempt in every limit, and starts the bot's minute as a success does. `binds` says whom the
    refusal holds up; `retry_after` for how long at least. `unable`: the other side says that it is not able just now,
    rather than that it does not want to, so that whether it is able again may be tried at short intervals.
    """

    status = 502

    def __init__(
        self, code: Refusal, text: str, *, binds: Binds, retry_after: int | None = None, unable: bool = False
    ) -> None:
        super().__init__(code, text, retry_after=retry_after)
        self.binds = binds
        self.unable = unable


class InDoubt(CommandError):
    """The request left, or may have, and no answer came: the player may have received it.

    It counts as an attempt. It is settled against Steam's own records, and never repeated by a program.
    """

    status = 504


class HandlerFailed(CommandError):
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
