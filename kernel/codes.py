"""Codes: what refusals and rows give for their reason, for programs; with the codes that the kernel itself gives.

A plugin declares its own as an enum in a module `codes` of its package, on one of the four bases that say where a code
stands, and mypy refuses a bare text in its place. A code that several plugins give, or that one gives and another
compares, is the kernel's. Whoever shows codes has a sentence for each that is declared, and tells the sentence that
came with it where one is not.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType, TypeVar, Union


class Code(StrEnum):
    """A declared code. Its value is what stands in events, rows and answers, and never changes."""


class RefusalCode(Code):
    """What a command, or a request of the page, is refused for."""


class BotReason(Code):
    """Why a bot is off. What a command was refused for may stand there too."""


class TaskReason(Code):
    """Why a task waits, or how it has ended. What its invite was refused for may stand there too."""


class MessageReason(Code):
    """Why a message waits or was not sent, where that is not what its delivery was refused for."""


Undeclared = NewType("Undeclared", str)
"""A code that stands in no enum of the code at hand: read from a journal or an answer, or another's own word."""

C = TypeVar("C")
if TYPE_CHECKING:
    Open = Union[C, Undeclared]  # noqa: UP007 - a generic alias
else:

    class Open:
        """An open enum: written by a declared code, and read as whatever text is there, so a journal stays readable."""

        def __class_getitem__(cls, declared: Any) -> type[str]:
            """What msgspec makes of the field: a text."""
            return str


AnyCode = Open[Code]
Refusal = Open[RefusalCode]
BotCode = Open[BotReason | RefusalCode]
TaskCode = Open[TaskReason | RefusalCode]
MessageCode = Open[MessageReason | RefusalCode]


class Binds(StrEnum):
    """Whom a refusal of Steam's binds: the others go on."""

    PLAYER = "player"
    """This player will not be reached by this bot, whatever is waited for."""
    ACCOUNT = "account"
    """The bot's account may do nothing of the kind for `retry_after` milliseconds."""
    REQUEST = "request"
    """Nothing is known to be wrong with either: this request alone may be made again, a bounded number of times."""


class KernelRefusal(RefusalCode):
    """Refusals by the router, the guards' caller and the host, and those that several plugins give."""

    INVALID_COMMAND = "invalidCommand"
    INVALID_JSON = "invalidJson"
    UNKNOWN_COMMAND = "unknownCommand"
    ID_REUSED = "idReused"
    HANDLER_TAKEN = "handlerTaken"
    NO_HANDLER = "noHandler"
    CHANGING = "changing"
    HANDLER_FAILED = "handlerFailed"
    GUARD_FAILED = "guardFailed"
    GUARD_MISSING = "guardMissing"
    REJECTED = "rejected"
    """A guard's objection that came without a code."""
    LANE_FULL = "laneFull"
    NOT_DURABLE = "notDurable"
    NOT_KNOWN = "notKnown"
    NOT_ON_DISK_YET = "notOnDiskYet"
    IN_DOUBT = "inDoubt"
    # plugins
    UNKNOWN_PLUGIN = "unknownPlugin"
    ALREADY_RUNNING = "alreadyRunning"
    NOT_RUNNING = "notRunning"
    NOT_WHILE_RUNNING = "notWhileRunning"
    FIXED_PLUGIN = "fixedPlugin"
    NOT_AN_AGENT = "notAnAgent"
    IS_GUARD = "isGuard"
    PLUGIN_BROKEN = "pluginBroken"
    IN_CONFIG = "inConfig"
    # of whoever carries a command out
    PERSONS_ONLY = "personsOnly"
    STOPPING = "stopping"
    UNKNOWN_BOT = "unknownBot"
    BOT_OFFLINE = "botOffline"
    BOT_REMOVED = "botRemoved"
    INVITES_BLOCKED = "invitesBlocked"
    MESSAGES_HELD = "messagesHeld"
    INVITE_REFUSED = "inviteRefused"
    FLEET_INVITE_LIMIT = "fleetInviteLimit"
    UNKNOWN_CHAT = "unknownChat"
    ARCHIVED = "archived"
    """It has left the state; the archive has it."""
    UNKNOWN_MESSAGE = "unknownMessage"
    MESSAGE_UNDER_WAY = "messageUnderWay"
    CHAT_CLOSED = "chatClosed"
    PLAYER_BUSY = "playerBusy"
    CONTACT_PAUSED = "contactPaused"
    DO_NOT_CONTACT = "doNotContact"
    OWN_BOT = "ownBot"
    STILL_UNDER_WAY = "stillUnderWay"
    DENIES_PROGRAM = "deniesProgram"
    TOO_MANY_UNANSWERED = "tooManyUnanswered"
    TOO_MANY_LINES = "tooManyLines"


class OffReason(BotReason):
    """Why a bot is off without having failed, as the transport and whoever gives turns agree on it."""

    RESTARTED = "restarted"
    STOPPED = "stopped"


class WaitReason(TaskReason):
    """Why a task waits, or has gone on without its bot, as those who look after tasks agree on it."""

    BOT_OFFLINE = "botOffline"
    BOT_REMOVED = "botRemoved"
    CONTACT_PAUSED = "contactPaused"
    WITHDRAWN = "withdrawn"
    """Of an invite: its task has ended before, or goes to another bot."""


class DialogueOutcome(TaskReason):
    """How a dialogue has come out, as agents agree on it. An agent may declare more."""

    AGREED = "agreed"
    DECLINED = "declined"
    PRICE_OUT_OF_RANGE = "priceOutOfRange"
    NO_ANSWER = "noAnswer"
    NOT_UNDERSTOOD = "notUnderstood"


class DoubtReason(MessageReason):
    """Why it is not known whether the player has a message."""

    UNANSWERED = "unanswered"
    """Of one that is being sent: no answer came, and Steam's history is looked at."""
    IN_DOUBT = "inDoubt"
    DISCARDED_IN_DOUBT = "discardedInDoubt"


class LeftAlone(Code):
    """Why a player is left alone."""

    SAID_STOP = "saidStop"
    REMOVED_US = "removedUs"
    BLOCKED_US = "blockedUs"
    OPERATOR = "operator"
    PROGRAM = "program"
