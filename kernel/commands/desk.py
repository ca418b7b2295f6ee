"""The requests by which our people share their chats; part of `kernel.commands`. No player is told of them."""

from __future__ import annotations

from typing import ClassVar

from kernel.clock import Millis
from kernel.commands.command import TEXT_LENGTH, Command
from kernel.ids import ChatId
from kernel.roles import Role
from kernel.texts import check_text


class SnoozeChat(Command[None], frozen=True, kw_only=True):
    """Put the chat off until `until` (UTC milliseconds), or until the player writes, which ends it in any case."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    until: Millis | None = None


class UnsnoozeChat(Command[None], frozen=True, kw_only=True):
    """Take up again what was put off, before its time or after it."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId


class AssignChat(Command[None], frozen=True, kw_only=True):
    """Hand an open chat over to a colleague, as an actor such as `operator:boris`; `note` is for them.

    They lead it from then on. A chat that its agent leads is taken over for them; a colleague's has to be taken first.
    """

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
    to: str
    note: str | None = None

    def __post_init__(self) -> None:
        if self.note is not None:
            check_text("note", self.note, TEXT_LENGTH)


class MarkMentionRead(Command[None], frozen=True, kw_only=True):
    """Whoever asks was called to the chat, and has seen it."""

    role: ClassVar[Role] = Role.OPERATOR
    chat_id: ChatId
