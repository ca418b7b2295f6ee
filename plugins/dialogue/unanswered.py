"""Lines of the agent's that left without an answer: whether one may still be on its way to the player."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from kernel.context import Context
from kernel.events import (
    ChatArchived,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageSent,
    Envelope,
)
from kernel.ids import ChatId
from kernel.rows import Chat
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import by_program, left_at, sending
from plugins.dialogue.timers import sleep_until

Settled = ChatMessageSent | ChatMessageFailed | ChatMessageInDoubt


class UnansweredLines:
    """Waits for the lines of programs that were handed over and not answered.

    A connection that broke, or a process that was killed, leaves what it had written in the buffers of the net, of a
    proxy and of Steam's end: it can be read there after the next connection, or the next process, has begun. So a line
    counts as on its way until Steam's answer or its history tells what became of it, for `doubt_window_ms` from when
    it was handed over at most: then a person is asked, or its bot is offline, and nothing of that connection is left.
    """

    def __init__(self, ctx: Context, config: DialogueConfig) -> None:
        self._ctx = ctx
        self._window = config.doubt_window_ms
        self._changed: defaultdict[ChatId, set[asyncio.Event]] = defaultdict(set)

    def subscribe(self) -> None:
        self._ctx.subscribe(ChatMessageSent, self._settled)
        self._ctx.subscribe(ChatMessageFailed, self._settled)
        self._ctx.subscribe(ChatMessageInDoubt, self._settled)
        self._ctx.subscribe(ChatArchived, self._archived)

    async def over(self, chat_id: ChatId) -> None:
        """Return when no such line of the chat may arrive any more. The caller holds the deadline."""
        changed = asyncio.Event()
        self._changed[chat_id].add(changed)
        try:
            while (left := self._left(chat_id)) > 0:
                await sleep_until(self._ctx.clock, self._ctx.clock.elapsed() + left, changed)
        finally:
            self._changed[chat_id].discard(changed)
            if not self._changed[chat_id]:
                del self._changed[chat_id]

    def _left(self, chat_id: ChatId) -> int:
        """For how long from now one may arrive, in ms."""
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        if chat is None:
            return 0
        left = [left_at(message) for message in sending(chat) if by_program(message)]
        # where the clock was set back, the moment lies ahead: the window bounds it
        return min(max(left) + self._window - self._ctx.clock.now(), self._window) if left else 0

    def _settled(self, _: Envelope, event: Settled) -> None:
        self._wake(event.chat_id)

    def _archived(self, _: Envelope, event: ChatArchived) -> None:
        for chat_id in event.chat_ids:
            self._wake(chat_id)

    def _wake(self, chat_id: ChatId) -> None:
        for changed in self._changed.get(chat_id, ()):
            changed.set()
