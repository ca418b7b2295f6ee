"""What has become of a request to Steam that did not simply succeed: the one judgement for all who make requests."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from kernel.codes import Refusal
from kernel.errors import Binds, CommandError, NotSent, Refused, RefusedBySteam, Rejected, Unavailable


class Fate(StrEnum):
    """Where the request got to."""

    NOT_SENT = "notSent"
    """It surely never left: it counts for nothing."""
    REFUSED = "refused"
    """It left, and Steam answered no: it counts as an attempt."""
    IN_DOUBT = "inDoubt"
    """It left, or may have: it counts as an attempt, is settled against Steam's records, and never repeated."""


class Outcome(NamedTuple):
    """`again`: a program may make the same request anew, no sooner than in `retry_after` milliseconds."""

    fate: Fate
    code: Refusal
    message: str
    again: bool
    retry_after: int | None = None
    binds: Binds | None = None
    """Whom a refusal of Steam's holds up; None where Steam refused nothing."""
    unable: bool = False
    """Steam says that it is not able just now, rather than that it does not want to."""
    objection: bool = False
    """A guard objected, which says nothing about the way to Steam."""


def judge(error: CommandError) -> Outcome:
    """What `execute` of a `LeavesToSteam` command has raised, as an outcome.

    The router lets such a handler raise NotSent, RefusedBySteam and InDoubt alone, so that any other `Refused` comes
    from before the handler, when nothing had left. What is known of nothing else is in doubt.
    """
    if isinstance(error, RefusedBySteam):
        again = error.binds is not Binds.PLAYER
        return Outcome(
            Fate.REFUSED, error.code, error.message, again, error.retry_after, error.binds, unable=error.unable
        )
    if not isinstance(error, Refused):
        return Outcome(Fate.IN_DOUBT, error.code, error.message, again=False)
    objection = isinstance(error, Rejected)
    return Outcome(Fate.NOT_SENT, error.code, error.message, _again(error), error.retry_after, objection=objection)


def _again(error: Refused) -> bool:
    if isinstance(error, NotSent):
        return error.again
    if isinstance(error, Rejected):
        return error.passing or error.retry_after is not None
    return isinstance(error, Unavailable)
