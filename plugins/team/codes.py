"""The codes that the team gives."""

from __future__ import annotations

from kernel.codes import RefusalCode


class TeamRefusal(RefusalCode):
    """What a command about notes and canned replies is refused for."""

    UNKNOWN_NOTE = "unknownNote"
    UNKNOWN_REPLY = "unknownReply"
    TITLE_TAKEN = "titleTaken"
    TOO_MANY_REPLIES = "tooManyReplies"
