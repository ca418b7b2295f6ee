"""The codes that the tasks give."""

from __future__ import annotations

from kernel.codes import RefusalCode, TaskReason


class TaskRefusal(RefusalCode):
    """What a command about a task is refused for."""

    UNKNOWN_TASK = "unknownTask"
    TASK_ENDED = "taskEnded"
    NO_TALK_YET = "noTalkYet"
    PRICE_OUTSIDE_RANGE = "priceOutsideRange"
    NOTHING_AGREED = "nothingAgreed"
    TRADE_RECORDED = "tradeRecorded"
    NOTHING_TRADED = "nothingTraded"
    NOTHING_TO_UNDO = "nothingToUndo"
    TOO_LATE_TO_UNDO = "tooLateToUndo"


class StandingReason(TaskReason):
    """Why a task whose player has been contacted stands where it stands."""

    AWAITING_ANSWER = "awaitingAnswer"
    AGENTS_TURN = "agentsTurn"
    AGENT_OFF = "agentOff"
    LED_BY_HAND = "ledByHand"
    MESSAGE_UNDER_WAY = "messageUnderWay"
    MESSAGE_IN_DOUBT = "messageInDoubt"
    CHAT_ENDED = "chatEnded"
    BOT_AWAY = "botAway"
    BOT_KEPT_OUT = "botKeptOut"
    UNEXPLAINED = "unexplained"
    DISPOSED = "disposed"


class HandReason(TaskReason):
    """How a talk has ended whose outcome a person recorded, where the kernel's reasons of failure do not say it."""

    AGREED_BY_HAND = "agreedByHand"
