"""What left for a player without an answer: whether it may still be on its way there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final, NamedTuple

from kernel.clock import MINUTE, Millis
from kernel.context import Context
from kernel.events import (
    ChatArchived,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageSending,
    ChatMessageSent,
    ChatMessageWaiting,
    Envelope,
    Event,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteRefused,
    FriendInviteSent,
)
from kernel.ids import ChatId, MessageId, SteamId64
from kernel.rows import Chat, Delivery, Invite, InviteStatus

LATE_MS: Final = MINUTE
"""For how long from when it left a request that was not answered may reach Steam."""
SETTLE: Final = (
    ChatArchived,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageSent,
    ChatMessageWaiting,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteRefused,
    FriendInviteSent,
)
"""The events that may tell what became of a request."""


class Left(NamedTuple):
    """A message that has left, for whom and when."""

    player: SteamId64
    at: Millis


class UnansweredContact:
    """The invites and messages of which it is not known whether they have reached Steam.

    A connection that broke, or a process that was killed, leaves what it had written in the buffers of the net, of a
    proxy and of Steam's end: it can be read there after the next connection, or the next process, has begun.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._messages: dict[tuple[ChatId, MessageId], Left] = {}
        self._changes: set[asyncio.Event] = set()

    def start(self) -> None:
        for chat in self._ctx.state.chats.rows():
            for message in chat.messages:
                if message.delivery is Delivery.SENDING:
                    self._add(chat, message.id, message.ts)
        self._ctx.subscribe(ChatMessageSending, self._sending)
        for kind in SETTLE:
            self._ctx.subscribe(kind, self._settled)

    async def over(self, player: SteamId64 | None = None) -> None:
        """Return when none of it may reach the player, or any player, any more. The caller holds the deadline."""
        changed = asyncio.Event()
        self._changes.add(changed)
        try:
            while (left := self._left(player)) > 0:
                changed.clear()
                waits = [
                    asyncio.create_task(self._ctx.clock.sleep(left), name="contact_policy: span of what left"),
                    asyncio.create_task(changed.wait(), name="contact_policy: news of what left"),
                ]
                try:
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for wait in waits:
                        wait.cancel()
        finally:
            self._changes.discard(changed)

    def _left(self, player: SteamId64 | None) -> int:
        """For how long from now (ms) something may arrive; where the clock was set back, for `LATE_MS` at most."""
        moments = [*self._messages_left(player), *self._invites_left(player)]
        return min(max(moments) + LATE_MS - self._ctx.clock.now(), LATE_MS) if moments else 0

    def _messages_left(self, player: SteamId64 | None) -> Iterator[Millis]:
        for (chat_id, message_id), left in list(self._messages.items()):
            chat: Chat | None = self._ctx.state.chats.get(chat_id)
            message = chat.message(message_id) if chat is not None else None
            if message is None or message.delivery is not Delivery.SENDING:
                del self._messages[chat_id, message_id]
            elif player is None or left.player == player:
                yield left.at

    def _invites_left(self, player: SteamId64 | None) -> Iterator[Millis]:
        state = self._ctx.state
        if player is None:
            yield from state.index.requested_at[-1:]  # in order: the last is the one that may arrive last
            return
        for task_id in state.index.pending_invites_of_player.get(player, ()):
            invite: Invite | None = state.invites.get(task_id)
            if invite is not None and invite.status is InviteStatus.REQUESTED and invite.requested_at is not None:
                yield invite.requested_at

    def _sending(self, envelope: Envelope, event: ChatMessageSending) -> None:
        chat: Chat | None = self._ctx.state.chats.get(event.chat_id)
        if chat is not None:
            self._add(chat, event.message_id, envelope.ts)

    def _add(self, chat: Chat, message_id: MessageId, at: Millis) -> None:
        message = chat.message(message_id)
        attempt = message.attempt if message is not None else None
        handed_at = attempt.handed_at if attempt is not None else None
        self._messages[chat.id, message_id] = Left(chat.player, at if handed_at is None else handed_at)

    def _settled(self, _: Envelope, event: Event) -> None:
        for changed in self._changes:
            changed.set()
