"""The facts about who of our people sees to which chat, and when. No player is told of them."""

from __future__ import annotations

from typing import ClassVar

from kernel.clock import Millis
from kernel.events.envelope import Event
from kernel.ids import ChatId, NoteId


class ChatSnoozed(Event, frozen=True, kw_only=True):
    """The actor puts the chat off: until a time of the wall, or until the player writes, which ends it in any case."""

    kind: ClassVar[str] = "chat.snoozed"
    chat_id: ChatId
    until: Millis | None = None


class ChatSnoozeExpired(Event, frozen=True, kw_only=True):
    """The time until which the chat was put off is over: it needs a person again."""

    kind: ClassVar[str] = "chat.snoozeExpired"
    chat_id: ChatId


class ChatUnsnoozed(Event, frozen=True, kw_only=True):
    """The actor takes the chat up again, before its time or after it."""

    kind: ClassVar[str] = "chat.unsnoozed"
    chat_id: ChatId


class ChatAssigned(Event, frozen=True, kw_only=True):
    """The actor hands the chat over: `to`, as an actor, leads it from now on. `note_id`: what was written for them."""

    kind: ClassVar[str] = "chat.assigned"
    chat_id: ChatId
    to: str
    note_id: NoteId | None = None


class ChatMentioned(Event, frozen=True, kw_only=True):
    """These operators, as actors, are named in a note of the chat."""

    kind: ClassVar[str] = "chat.mentioned"
    chat_id: ChatId
    operators: tuple[str, ...]
    note_id: NoteId


class ChatMentionRead(Event, frozen=True, kw_only=True):
    """The actor, who was called to the chat, has seen it."""

    kind: ClassVar[str] = "chat.mentionRead"
    chat_id: ChatId
