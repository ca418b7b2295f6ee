"""The codes that the team gives."""

from __future__ import annotations

from kernel.codes import RefusalCode


class TeamRefusal(RefusalCode):
    """What a command of our people among themselves is refused for."""

    UNKNOWN_NOTE = "unknownNote"
    UNKNOWN_REPLY = "unknownReply"
    TITLE_TAKEN = "titleTaken"
    TOO_MANY_REPLIES = "tooManyReplies"
    UNKNOWN_OPERATOR = "unknownOperator"
    LED_BY_COLLEAGUE = "ledByColleague"
    NO_TIME_TO_COME = "noTimeToCome"
