"""The codes that the contact policy gives."""

from __future__ import annotations

from kernel.codes import RefusalCode


class ContactRefusal(RefusalCode):
    """What the guard objects for, and what a command about its lists is refused for."""

    NOT_LISTED = "notListed"
    NO_OPEN_TASK = "noOpenTask"
    NOT_REQUESTED = "notRequested"
    INVITE_REFUSED_BEFORE = "inviteRefusedBefore"
    INVITE_IN_DOUBT = "inviteInDoubt"
    NOTHING_IN_DOUBT = "nothingInDoubt"
    NOTICE_MISSING = "noticeMissing"
    TOO_MANY_STOP_WORDS = "tooManyStopWords"
    NO_SUCH_STOP_WORD = "noSuchStopWord"
