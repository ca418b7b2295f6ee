"""The rules of chat: who may write to whom, in what order it stands, and what history gives back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugins.steam_protocol.eresult import EResult
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.backend import Backend, Typed
from plugins.steam_sim.errors import SteamRefused
from plugins.steam_sim.world import IGNORING, MessageSent, MessagesViewed

MAX_BYTES, MAX_BYTES_LIMITED = 6340, 1945
"""The longest message of an account, and of a limited one, as ArchiSteamFarm measured them."""

NEWLINE_WEIGHT = 61
"""Bytes that a line break counts for."""

_ESCAPED = re.compile(r"\\([\\\[])")


class FriendChats:
    """What an account may do in its conversations with friends."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def say(
        self,
        sender: int,
        recipient: int,
        text: str,
        *,
        bbcode: bool = False,
        markup_only: bool = False,
        most: int = MAX_BYTES,
        origin: object = None,
    ) -> MessageSent:
        """Send one message; with `bbcode`, `text` has its backslashes and brackets escaped, and weighs as such.

        `markup_only`: the recipient gets it without `message_no_bbcode`. `most`: bytes that the account may send.
        """
        self._may_write(sender, recipient)
        plain = unescape(text) if bbcode else text
        if not plain:
            raise SteamRefused(EResult.INVALID_PARAM, "a message without text")
        if len(text.encode()) + text.count("\n") * (NEWLINE_WEIGHT - 1) > most:
            raise SteamRefused(EResult.LIMIT_EXCEEDED, f"a message of more than {most} bytes")
        conversation = self._backend.world.conversation(sender, recipient)
        timestamp, ordinal = conversation.next_position(self._backend.seconds())
        sent = MessageSent(sender, recipient, plain, timestamp, ordinal, text if bbcode else "", markup_only)
        self._backend.commit(sent, origin)
        return sent

    def type(self, sender: int, recipient: int, origin: object = None) -> None:
        """Let the other see that a message is being typed."""
        self._may_write(sender, recipient)
        self._backend.mention(Typed(sender, recipient, self._backend.seconds()), origin)

    def view(self, viewer: int, friend: int, timestamp: int, origin: object = None) -> None:
        """Mark what `friend` wrote as read up to `timestamp` (seconds)."""
        viewed = self._backend.world.conversation(viewer, friend).viewed
        if timestamp > viewed.get(viewer, 0):
            self._backend.commit(MessagesViewed(viewer, friend, timestamp), origin)

    def recent(
        self, account: int, friend: int, *, start: tuple[int, int], before: tuple[int, int], count: int
    ) -> tuple[list[MessageSent], bool]:
        """The newest `count` messages from `start` on and before `before`, newest first; and whether more are left."""
        messages = self._backend.world.conversation(account, friend).messages
        fitting = [message for message in messages if start <= message.position < before]
        return fitting[::-1][:count], len(fitting) > count

    def active(self, account: int, since: int, before: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
        """FriendChats with a message after `since` (seconds): friend, last message, last view, unread messages.

        What stands at `before` or later is left out.
        """
        for friend, conversation in self._backend.world.conversations(account):
            messages = [message for message in conversation.messages if message.position < before]
            if not messages or messages[-1].timestamp <= since:
                continue
            viewed = conversation.viewed.get(account, 0)
            unread = sum(message.sender == friend and message.timestamp > viewed for message in messages)
            yield friend, messages[-1].timestamp, viewed, unread

    def _may_write(self, sender: int, recipient: int) -> None:
        world = self._backend.world
        if world.relationship(recipient, sender) in IGNORING:
            raise SteamRefused(EResult.BLOCKED, "the recipient blocks the sender")
        if world.relationship(sender, recipient) is not EFriendRelationship.FRIEND:
            raise SteamRefused(EResult.ACCESS_DENIED, "the two accounts are not friends")


def escape(text: str) -> str:
    """Plain text as bbcode that shows as the same text."""
    return text.replace("\\", "\\\\").replace("[", "\\[")


def unescape(text: str) -> str:
    """What an escaped bbcode text shows; a backslash before anything else is a backslash."""
    return _ESCAPED.sub(r"\1", text)
