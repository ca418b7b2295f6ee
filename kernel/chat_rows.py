"""The rows of chats and their messages; part of `kernel.rows`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from kernel.clock import Millis
from kernel.codes import Code, DoubtReason, MessageCode
from kernel.desk_rows import Mention, Snooze
from kernel.ids import BotId, ChatId, MessageId, NoteId, SteamId64, TaskId
from kernel.row import Row

MESSAGES_KEPT: Final = 500
"""Messages that a chat holds in memory; older ones are in the journal only, but for those that are owed."""
NOTES_KEPT: Final = 100
"""Notes that a chat holds in memory, likewise."""
IN_DOUBT_REASONS: Final = frozenset({DoubtReason.IN_DOUBT, DoubtReason.DISCARDED_IN_DOUBT})
"""Of messages that have failed, and that the player may have all the same."""


class ChatStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


CHAT_MOVES: Final[Mapping[ChatStatus, frozenset[ChatStatus]]] = {
    ChatStatus.OPEN: frozenset({ChatStatus.CLOSED}),
    ChatStatus.CLOSED: frozenset(),  # what is said later begins another chat
}


class Sender(StrEnum):
    BOT = "bot"
    PLAYER = "player"


class Delivery(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    """It is being handed to Steam, and may have arrived. Found so after a crash, it is looked up, and not repeated."""
    SENT = "sent"
    IN_DOUBT = "inDoubt"
    """Steam's history does not show it either: a person decides whether it is said again."""
    FAILED = "failed"


class AgentOffReason(Code):
    """Why no agent leads a chat."""

    OPERATOR = "operator"
    """A person took it, or led it already when its task began."""
    NO_TASK = "noTask"
    """It is about no task, so an agent has nothing to talk about."""
    AGENT_FAILED = "agentFailed"
    AGENT_SILENT = "agentSilent"
    NOT_ANSWERED = "notAnswered"
    """The player has not answered as many lines as a program may send them."""
    TOO_MANY_LINES = "tooManyLines"
    """Programs have written as much within the hour as they may."""
    CONTACT_PAUSED = "contactPaused"
    PLAYER_ASKED = "playerAsked"
    """The player wants to talk with a person."""
    SENT_ELSEWHERE = "sentElsewhere"
    """Somebody wrote as the bot with another Steam client."""
    MESSAGE_IN_DOUBT = "messageInDoubt"
    MESSAGE_LOST = "messageLost"
    HISTORY_UNREAD = "historyUnread"
    """What the player wrote while the bot was away could not be read back."""
    OTHER = "other"


class Attempt(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """How far the delivery of a message has got that was not sent yet."""

    handed_at: Millis | None = None
    """When it was last handed to Steam; None when it surely is not there."""
    refusals: int = 0
    """How often it was not taken."""
    retry_at: Millis | None = None
    """When it is handed over again, at the earliest."""


class Message(Row, frozen=True, kw_only=True):
    """A line of a chat. `author` is an actor (`agent:…`, `operator:…`, `player:…`); `epoch` fences what a bot says."""

    id: MessageId
    sender: Sender = field(name="from")
    text: str
    ts: Millis
    author: str
    author_version: str | None = None
    """Of the agent that wrote it; None for people, and in lines from before this was kept."""
    delivery: Delivery | None = None
    epoch: int = 0
    step: str | None = None
    error: str | None = None
    reason: MessageCode | None = None
    """The code of `error`; None where the message was told to have failed before there were codes."""
    attempt: Attempt | None = None
    """None where it is sent, or a version of before there were attempts queued it: that one may have handed it over."""
    counted_at: Millis | None = None
    """When it was last handed over, for limits of time: only time in which the system runs counts."""
    steam_ts: int | None = None
    """Steam's own time of the message, in seconds: with `ordinal`, its identity within the conversation."""
    ordinal: int | None = None
    retried_as: MessageId | None = None
    """The message that says this again, where somebody has asked for that after it failed or stayed in doubt."""

    @property
    def is_owed(self) -> bool:
        """Is something still to become of it: by the system, or by a person who decides?"""
        undecided = self.delivery is Delivery.IN_DOUBT and self.retried_as is None
        return undecided or self.delivery in {Delivery.QUEUED, Delivery.SENDING}

    @property
    def may_be_there(self) -> bool:
        """May the player have this line of the bot's, though nobody knows? Steam's history may still show it."""
        failed = self.delivery is Delivery.FAILED and (self.reason in IN_DOUBT_REASONS or self.was_refused)
        return failed or self.delivery in {Delivery.SENDING, Delivery.IN_DOUBT}

    @property
    def was_refused(self) -> bool:
        """Was it handed over and, as far as we were told, not taken? Steam takes some of what it says it refuses."""
        return self.attempt is not None and self.attempt.refusals > 0


class LineKey(Struct, frozen=True, order=True, rename="camel", gc=False):
    """What Steam knows a line of a conversation by: its time in seconds, and its number within that second."""

    steam_ts: int
    ordinal: int


class Forgotten(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """The latest of a chat's lines that are held no longer, by who wrote them: none up to it is news."""

    bot: LineKey | None = None
    player: LineKey | None = None


class AgentOff(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Why no agent leads the chat, since when, and who or what has seen to that. `detail` is a sentence."""

    why: AgentOffReason
    since: Millis
    by: str
    detail: str | None = None


class Note(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """What one of ours has written down about a chat for the others. It is never sent, and no agent is shown it."""

    id: NoteId
    text: str
    ts: Millis
    author: str


class Chat(Row, frozen=True, kw_only=True):
    """The conversation of one bot with one player about one task."""

    id: ChatId
    bot_id: BotId
    account: SteamId64 | None = field(default=None, name="botSteamId64")
    """The bot's account, which outlives the bot. None in chats from before this was kept."""
    player: SteamId64 = field(name="playerSteamId64")
    task_id: TaskId | None = None
    status: ChatStatus = ChatStatus.OPEN
    agent_enabled: bool
    agent_off: AgentOff | None = None
    """None while the agent leads, and in chats from before this was kept."""
    epoch: int = 1
    """Raised by each toggle of the agent: a line written in an earlier epoch is never sent."""
    owner: str | None = None
    """The operator who took the chat over, as an actor."""
    agent: str | None = None
    """The plugin that last led the dialogue."""
    agent_version: str | None = None
    """Its version then; None where it has none, and in chats from before this was kept."""
    messages: tuple[Message, ...] = ()
    forgotten: Forgotten | None = None
    notes: tuple[Note, ...] = ()
    read: dict[str, MessageId] = field(default_factory=dict)
    """By operator, as an actor: the last line that they have read. Replaced whole, never written to."""
    script_step: str | None = None
    turn_at: Millis | None = None
    """When the agent is asked again if the player stays silent."""
    started_at: Millis
    closed_at: Millis | None = None
    snooze: Snooze | None = None
    """None where nobody has put the chat off."""
    mentions: tuple[Mention, ...] = ()
    """Whom of our people it calls, each once; whoever has seen it is called no longer."""

    @property
    def is_open(self) -> bool:
        return self.status is ChatStatus.OPEN

    def message(self, message_id: MessageId) -> Message | None:
        """The message of that id, if it is still held."""
        return next((m for m in reversed(self.messages) if m.id == message_id), None)
