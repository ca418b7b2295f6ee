"""The codes that the archive gives, and its closed sets of words."""

from __future__ import annotations

from enum import StrEnum

from kernel.codes import RefusalCode


class HistoryRefusal(RefusalCode):
    """What a question to the archive is refused for."""

    NO_WORDS = "noWords"
    """The query has no letter and no digit, so there is nothing to look for."""
    TOO_MANY_WORDS = "tooManyWords"
    TOO_LONG = "queryTooLong"
    """It took longer than a query may."""
    BUSY = "historyBusy"
    """As many queries wait as may."""
    NOT_READY = "historyNotReady"
    """The archive cannot be read just now."""
    NOT_THERE = "notInArchive"
    INVALID_RANGE = "invalidRange"
    """The days of a report are none, or too many."""


class CausedBy(StrEnum):
    """Who caused the outcome of a task; each task that has ended is one of them."""

    AGENT = "agent"
    """No person took the chat or gave it back, or wrote a line in it, before the end."""
    HELP = "help"
    """A person did, and the end itself was not theirs."""
    HAND = "hand"
    """The event that ended it has a person for its actor."""


class TaskStage(StrEnum):
    """How far a task has ever got."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    ALREADY = "already"
    """Accepted without having been invited: the two were friends before."""
    TALKED = "talked"
    AGREED = "agreed"
    TRADED = "traded"
    """The trade was done, whatever has become of it since."""
    SETTLED = "settled"
    """It was done, and the time in which Steam could reverse it is over."""
    REVERSED = "reversed"
    """It was done, and reversed."""
    REVERSIBLE = "reversible"
    """It was done, and can still be reversed."""
    FELL_THROUGH = "fellThrough"
    """Agreed, and never traded."""
    TO_TRADE = "toTrade"
    """Agreed, and the trade is still to be done."""
    OPEN = "open"
    """It has not ended."""
    ENDED = "ended"
