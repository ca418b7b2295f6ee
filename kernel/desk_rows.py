"""The rows of how operators share their chats: put off, handed over, called by name; part of `kernel.rows`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from kernel.clock import Millis
from kernel.ids import NoteId


class Snooze(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """The chat needs nobody until then, or until the player writes."""

    until: Millis | None = None
    """The wall's time; None: until the player writes."""
    since: Millis
    by: str
    due_at: Millis | None = None
    """When its time was over: since then it needs a person."""


class MentionReason(StrEnum):
    """Why an operator is called to a chat."""

    ASSIGNED = "assigned"
    """A colleague has handed it over to them."""
    NAMED = "named"
    """They are named in a note."""


class Mention(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """An operator, as an actor, is called to the chat, and has not seen it yet."""

    operator: str
    why: MentionReason
    since: Millis
    by: str
    note_id: NoteId | None = None
    """The note in which they are named, or that was written for them."""
