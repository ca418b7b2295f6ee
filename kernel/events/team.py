"""The facts that concern our own people alone: notes, canned replies, what was read. No player is told of them."""

from __future__ import annotations

from typing import ClassVar

from kernel.events.envelope import Event
from kernel.ids import ChatId, MessageId, NoteId, ReplyId


class ChatNoteAdded(Event, frozen=True, kw_only=True):
    """Somebody wrote a note about the chat; who and when, the envelope says."""

    kind: ClassVar[str] = "chat.noteAdded"
    chat_id: ChatId
    note_id: NoteId
    text: str


class ChatNoteRemoved(Event, frozen=True, kw_only=True):
    """The note stands no longer in the chat."""

    kind: ClassVar[str] = "chat.noteRemoved"
    chat_id: ChatId
    note_id: NoteId


class ChatRead(Event, frozen=True, kw_only=True):
    """The actor has read the chat up to this line, and with it."""

    kind: ClassVar[str] = "chat.read"
    chat_id: ChatId
    up_to: MessageId


class OperatorCaughtUp(Event, frozen=True, kw_only=True):
    """All that was said until now counts as read by the actor, in every chat."""

    kind: ClassVar[str] = "operator.caughtUp"


class CannedReplySaved(Event, frozen=True, kw_only=True):
    """A canned reply is new, or has another title or text now."""

    kind: ClassVar[str] = "cannedReply.saved"
    reply_id: ReplyId
    title: str
    text: str


class CannedReplyRemoved(Event, frozen=True, kw_only=True):
    """A canned reply is no longer offered."""

    kind: ClassVar[str] = "cannedReply.removed"
    reply_id: ReplyId
