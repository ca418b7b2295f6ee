"""The events of chats, their messages and the script; part of `kernel.events`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Final

from msgspec import field

from kernel.clock import Millis
from kernel.codes import AnyCode, MessageCode, TaskCode
from kernel.events.envelope import Event, Retired
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId
from kernel.rows import AgentOffReason, Message, TaskStatus


class ChatStarted(Event, frozen=True, kw_only=True):
    """A conversation begins: about a task with the agent on, or because a friend wrote unasked, with the agent off."""

    kind: ClassVar[str] = "chat.started"
    chat_id: ChatId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    task_id: TaskId | None = None
    agent_enabled: bool = True


class ChatClosed(Event, frozen=True, kw_only=True):
    """The conversation is over for us; what the player still writes is kept in it."""

    kind: ClassVar[str] = "chat.closed"
    chat_id: ChatId
    reason: AnyCode


class ChatArchived(Event, frozen=True, kw_only=True):
    """These closed chats leave the state, and stay in the archive; at most 100 of them.

    `heard`: for accounts of ours, up to which second of Steam's all that was written to them has been told.
    """

    kind: ClassVar[str] = "chat.archived"
    chat_ids: tuple[ChatId, ...]
    heard: dict[str, int] = field(default_factory=dict)


class ChatMessageReceived(Event, frozen=True, kw_only=True):
    """The player wrote."""

    kind: ClassVar[str] = "chat.messageReceived"
    chat_id: ChatId
    message: Message


class ChatMessageEchoed(Event, frozen=True, kw_only=True):
    """Somebody wrote to the player as the bot, with another Steam client than this system."""

    kind: ClassVar[str] = "chat.messageEchoed"
    chat_id: ChatId
    message: Message


class ChatMessageQueued(Event, frozen=True, kw_only=True):
    """It is decided to send this message, again if `retry_of` has failed. On disk before anything goes to Steam."""

    kind: ClassVar[str] = "chat.messageQueued"
    chat_id: ChatId
    message: Message
    retry_of: MessageId | None = None


class ChatMessageSending(Event, frozen=True, kw_only=True):
    """The message is handed to Steam now. On disk before it is: found so after a crash, it is in doubt."""

    kind: ClassVar[str] = "chat.messageSending"
    chat_id: ChatId
    message_id: MessageId


class ChatMessageUnanswered(Event, frozen=True, kw_only=True):
    """The message left, or may have, and no answer came: Steam's history is looked at for it."""

    kind: ClassVar[str] = "chat.messageUnanswered"
    chat_id: ChatId
    message_id: MessageId
    detail: str


class ChatMessageWaiting(Event, frozen=True, kw_only=True):
    """Why the message, which Steam surely has not, does not go out just now; `until` when, where that is known."""

    kind: ClassVar[str] = "chat.messageWaiting"
    chat_id: ChatId
    message_id: MessageId
    reason: MessageCode
    detail: str
    refusals: int = 0
    """How often it was not taken so far."""
    until: Millis | None = None


class ChatMessageInDoubt(Event, frozen=True, kw_only=True):
    """Steam's history did not show the message in time. It is not repeated, unless a person says so."""

    kind: ClassVar[str] = "chat.messageInDoubt"
    chat_id: ChatId
    message_id: MessageId
    detail: str


class ChatMessageSent(Event, frozen=True, kw_only=True):
    """Steam has the message, under this identity: by its answer, or by its history however late."""

    kind: ClassVar[str] = "chat.messageSent"
    chat_id: ChatId
    message_id: MessageId
    steam_ts: int
    ordinal: int


class ChatMessageFailed(Event, frozen=True, kw_only=True):
    """The message was not sent, as far as anybody knows, and will not be unless somebody says so."""

    kind: ClassVar[str] = "chat.messageFailed"
    chat_id: ChatId
    message_id: MessageId
    reason: MessageCode
    detail: str


class ChatAgentToggled(Event, frozen=True, kw_only=True):
    """The chat changed hands and its epoch rose. `dropped` is what the agent was about to say.

    `why` is the kind of `reason`, `detail` a sentence; there is no `why` where the agent leads from now on.
    """

    kind: ClassVar[str] = "chat.agentToggled"
    v: ClassVar[int] = 2
    chat_id: ChatId
    enabled: bool
    epoch: int
    reason: AnyCode
    why: AgentOffReason | None = None
    detail: str | None = None
    dropped: str | None = None


_TOLD_BEFORE: Final[Mapping[str, AgentOffReason]] = {
    "takenOver": AgentOffReason.OPERATOR,
    "takenFromColleague": AgentOffReason.OPERATOR,
    "wroteByHand": AgentOffReason.OPERATOR,
    "agentMistaken": AgentOffReason.AGENT_FAILED,
    "agentSilent": AgentOffReason.AGENT_SILENT,
    "messageLost": AgentOffReason.MESSAGE_LOST,
    "historyUnread": AgentOffReason.HISTORY_UNREAD,
    "wroteElsewhere": AgentOffReason.SENT_ELSEWHERE,
}
"""What the reason of a chat.agentToggled from before there was a `why` tells of it."""


class ChatAgentToggled1(Retired, frozen=True, kw_only=True):
    """The chat changed hands, before there was a `why`."""

    kind: ClassVar[str] = ChatAgentToggled.kind
    chat_id: ChatId
    enabled: bool
    epoch: int
    reason: AnyCode
    why: AgentOffReason | None = None
    """Development versions wrote it before the form had a number."""
    detail: str | None = None
    dropped: str | None = None

    def newer(self) -> tuple[Event, ...]:
        why = self.why
        if why is None and not self.enabled:
            why = _TOLD_BEFORE.get(self.reason, AgentOffReason.OTHER)
        return (
            ChatAgentToggled(
                chat_id=self.chat_id,
                enabled=self.enabled,
                epoch=self.epoch,
                reason=self.reason,
                why=why,
                detail=self.detail,
                dropped=self.dropped,
            ),
        )


class DialogScriptAdvanced(Event, frozen=True, kw_only=True):
    """The agent has come to a step, and waits for the player until `wait_until`."""

    kind: ClassVar[str] = "dialogScript.advanced"
    chat_id: ChatId
    agent: str
    agent_version: str | None = None
    step: str
    wait_until: Millis | None = None


class DialogScriptCompleted(Event, frozen=True, kw_only=True):
    """The dialogue has reached its end: `resolved` or `failed`."""

    kind: ClassVar[str] = "dialogScript.completed"
    chat_id: ChatId
    task_id: TaskId
    agent: str
    agent_version: str | None = None
    outcome: TaskStatus
    reason: TaskCode
    detail: str
    agreed_price: Decimal | None = None


RETIRED: Final[tuple[type[Retired], ...]] = (ChatAgentToggled1,)
