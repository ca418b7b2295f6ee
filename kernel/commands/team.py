"""The requests of our own people among themselves, of which no player is told; part of `kernel.commands`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from kernel.commands.command import LABEL_LENGTH, TEXT_LENGTH, Command
from kernel.ids import ChatId, CommandId, MessageId, NoteId, ReplyId, derived
from kernel.roles import Role
from kernel.rows import ReplyVariable
from kernel.texts import check_text

if TYPE_CHECKING:
    from kernel.state import State


class AddNote(Command[NoteId], frozen=True, kw_only=True):
    """Write something down about a chat, open or closed, for our own people."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    text: str

    def __post_init__(self) -> None:
        check_text("text", self.text, TEXT_LENGTH)

    def made(self, state: State, command_id: CommandId) -> NoteId | None:
        note_id, chat = NoteId(derived("note", command_id)), state.chats.get(self.chat_id)
        return note_id if chat is not None and any(note.id == note_id for note in chat.notes) else None


class RemoveNote(Command[None], frozen=True, kw_only=True):
    """Take a note out of its chat. It stays in the journal."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    note_id: NoteId


class MarkRead(Command[None], frozen=True, kw_only=True):
    """Whoever asks has read the chat up to this line, and with it. A mark never goes back.

    No viewer's: what is read by one who cannot answer is not seen by the team.
    """

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    up_to: MessageId


class MarkAllRead(Command[None], frozen=True, kw_only=True):
    """All that was said until now counts as read by whoever asks: for one who is new, or has been away."""

    role: ClassVar[Role] = Role.OPERATOR


class SaveCannedReply(Command[ReplyId], frozen=True, kw_only=True):
    """Keep words that the team says often; with a `reply_id`, in place of what that one was.

    `{item}`, `{priceMin}` and the other variables stand for what the chat has, in which the reply is used.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "kind"  # two at once could both take the same title
    title: str
    text: str
    reply_id: ReplyId | None = None

    def __post_init__(self) -> None:
        check_text("title", self.title, LABEL_LENGTH, one_line=True)
        check_text("text", self.text, TEXT_LENGTH)
        for name in re.findall(r"\{(\w+)\}", self.text):
            if name not in set(ReplyVariable):
                known = ", ".join(f"{{{variable}}}" for variable in ReplyVariable)
                raise ValueError(f"text: there is no {{{name}}} to put in; there are {known}")

    def made(self, state: State, command_id: CommandId) -> ReplyId | None:
        reply_id = ReplyId(derived("reply", command_id))
        return reply_id if reply_id in state.replies else None


class RemoveCannedReply(Command[None], frozen=True, kw_only=True):
    """Offer this canned reply no longer."""

    role: ClassVar[Role] = Role.OPERATOR
    reply_id: ReplyId
