"""The codes that the dialogue gives."""

from __future__ import annotations

from kernel.codes import Code, MessageReason, RefusalCode


class DialogueRefusal(RefusalCode):
    """What a command about a chat or its messages is refused for."""

    ALREADY_TAKEN = "alreadyTaken"
    TAKEN_OVER = "takenOver"
    OWNED_BY_PERSON = "ownedByPerson"
    NO_TASK = "noTask"
    NOT_FAILED = "notFailed"
    ALREADY_RETRIED = "alreadyRetried"
    TOO_MANY_QUEUED = "tooManyQueued"
    MESSAGE_IN_DOUBT = "messageInDoubt"
    BEING_SENT = "beingSent"
    NOTHING_TO_DISCARD = "nothingToDiscard"
    NOT_QUEUED = "notQueued"
    NOT_AS_QUEUED = "notAsQueued"


class UnsentReason(MessageReason):
    """Why a message waits, was not sent, or will not be."""

    TAKEN_OVER = "takenOver"
    CHAT_CLOSED = "chatClosed"
    BOT_OFFLINE = "botOffline"
    BOT_REMOVED = "botRemoved"
    INTERRUPTED = "interrupted"
    DISCARDED = "discarded"
    WROTE_ELSEWHERE = "wroteElsewhere"
    ARRIVED_AFTER_ALL = "arrivedAfterAll"


class HandoverReason(Code):
    """By what a chat changed hands, where the kind of it (`AgentOffReason`) does not tell."""

    TAKEN_OVER = "takenOver"
    TAKEN_FROM_COLLEAGUE = "takenFromColleague"
    WROTE_BY_HAND = "wroteByHand"
    WROTE_ELSEWHERE = "wroteElsewhere"
    AGENT_SILENT = "agentSilent"
    AGENT_MISTAKEN = "agentMistaken"
    GIVEN_BACK = "givenBack"


class ChatEnd(Code):
    """Why a chat is over, where its task does not tell."""

    COMPLETED = "completed"
    TASK_BEGAN = "taskBegan"
    IDLE = "idle"
    INVITE_NOT_WANTED = "inviteNotWanted"
    """The player accepted an invite that was to be taken back: nobody has anything to say."""
