"""The requests about chats: who leads them, and what is said in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field

from kernel.commands.command import (
    TEXT_LENGTH,
    Command,
    LeavesToSteam,
    ReachesPlayer,
)
from kernel.ids import ChatId, CommandId, MessageId, SteamId64, derived
from kernel.roles import Role
from kernel.rows import AgentOffReason
from kernel.texts import check_text

if TYPE_CHECKING:
    from kernel.state import State


class ToggleAgent(Command[None], frozen=True, kw_only=True):
    """Take the chat over (`enabled` false) or give it back to the agent (true).

    Once a take-over is answered, the agent says nothing more in that chat.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "chat_id"
    chat_id: ChatId
    enabled: bool
    take_from: str | None = None
    """The actor who has the chat, to take it from them knowingly. If it is another's by then, that is refused too."""
    why: AgentOffReason | None = None
    """Why no agent is to lead it: for programs, which know. Left out, it is told by who asks."""


class SendMessage(Command[MessageId], frozen=True, kw_only=True):
    """Say something to the player in the bot's name. An operator who writes takes the chat over by it."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    text: str

    def __post_init__(self) -> None:
        check_text("text", self.text, TEXT_LENGTH)

    def made(self, state: State, command_id: CommandId) -> MessageId | None:
        """Where the chat had ended, the message stands in the one that was begun for it."""
        begun = ChatId(derived("chat", command_id))
        return _said(state, self.chat_id, command_id) or _said(state, begun, command_id)


class RetryMessage(Command[MessageId], frozen=True, kw_only=True):
    """Say once more what failed or stayed in doubt, in the name of whoever asks. A message is retried at most once.

    Of one in doubt, Steam's history is read before: where it has arrived after all, its own id is the answer.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "chat_id"
    chat_id: ChatId
    message_id: MessageId

    def made(self, state: State, command_id: CommandId) -> MessageId | None:
        return _said(state, self.chat_id, command_id)


def _said(state: State, chat_id: ChatId, command_id: CommandId) -> MessageId | None:
    message_id, chat = MessageId(derived("msg", command_id)), state.chats.get(chat_id)
    return message_id if chat is not None and chat.message(message_id) is not None else None


class DiscardMessage(Command[None], frozen=True, kw_only=True):
    """Take back what waits to be sent, or leave what is in doubt as it is: it is not sent, or not sent again."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "chat_id"
    chat_id: ChatId
    message_id: MessageId


class DeliverMessage(ReachesPlayer["Delivered"], frozen=True, kw_only=True):
    """Hand one queued message to Steam. Only what the chat has decided, in its present epoch, passes its guard."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    chat_id: ChatId
    message_id: MessageId
    text: str


class Delivered(Struct, frozen=True, gc=False):
    """What Steam says of a message that it took: its time in seconds, and its number within that second."""

    steam_ts: int
    ordinal: int


class ReadHistory(LeavesToSteam[tuple["HistoryLine", ...]], frozen=True, kw_only=True):
    """What Steam has of a conversation since `since` (seconds since the epoch), oldest first, from both sides."""

    public: ClassVar[bool] = False
    lane_of: ClassVar[str | None] = "bot_id"
    player: SteamId64 = field(name="playerSteamId64")
    since: int


class HistoryLine(Struct, frozen=True, gc=False):
    """A line of Steam's own history of a conversation."""

    from_bot: bool
    text: str
    steam_ts: int
    ordinal: int
