"""Reading a chat back from Steam: what the player wrote while nobody listened, and what became of doubtful messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kernel.commands import HistoryLine, ReadHistory
from kernel.context import Context
from kernel.events import ChatMessageEchoed, ChatMessageReceived, ChatMessageSent
from kernel.ids import ChatId, MessageId, new_message_id
from kernel.rows import Chat, Delivery, Message, Sender
from plugins.dialogue.conversation import Conversations, queued

OVERLAP_S: Final = 600
"""Seconds that are read again before what is known: covers a difference between Steam's clock and ours.

What is known already is told by its identity, so reading it again costs nothing but its bytes.
"""

ELSEWHERE: Final = "steam:elsewhere"
"""The author of what was written as the bot with another Steam client: Steam does not say who sat before it."""


class History:
    """Brings one chat up to what Steam has of it."""

    def __init__(self, ctx: Context, conversations: Conversations) -> None:
        self._ctx = ctx
        self._conversations = conversations
        self.doubtful: Final[set[MessageId]] = set()
        """Messages that may or may not be with the player; in no case are they sent again before Steam was asked."""

    async def read(self, chat_id: ChatId) -> None:
        """Publish what is news, and settle what was in doubt when this began.

        Raises CommandError, then all is as before.
        """
        chat = self._ctx.state.chats[chat_id]
        doubtful = [message.id for message in queued(chat) if message.id in self.doubtful]
        since = max([chat.started_at // 1_000, *(m.steam_ts for m in chat.messages if m.steam_ts is not None)])
        lines = await self._ctx.execute(
            ReadHistory(bot_id=chat.bot_id, player=chat.player, since=max(0, since - OVERLAP_S))
        )
        self._absorb(chat_id, lines)
        self.doubtful.difference_update(doubtful)  # found, or surely not sent

    def hear(self, chat: Chat, line: HistoryLine) -> None:
        """Take down a line of the player's that is news."""
        message = self._message(chat, line, Sender.PLAYER, f"player:{chat.player}")
        self._ctx.publish(ChatMessageReceived(chat_id=chat.id, message=message), actor=message.author)

    def _message(self, chat: Chat, line: HistoryLine, sender: Sender, author: str) -> Message:
        return Message(
            id=new_message_id(),
            sender=sender,
            text=line.text,
            ts=self._ctx.clock.now(),
            author=author,
            delivery=Delivery.SENT if sender is Sender.BOT else None,
            epoch=chat.epoch if sender is Sender.BOT else 0,
            steam_ts=line.steam_ts,
            ordinal=line.ordinal,
        )

    def _absorb(self, chat_id: ChatId, lines: Iterable[HistoryLine]) -> None:
        chat = self._ctx.state.chats[chat_id]
        known = self._conversations.known(chat.bot_id, chat.player)
        for line in lines:
            if (line.steam_ts, line.ordinal) in known:
                continue
            if line.from_bot:
                self.overhear(self._ctx.state.chats[chat_id], line)
            else:
                self.hear(chat, line)

    def overhear(self, chat: Chat, line: HistoryLine) -> None:
        """A line of the bot's that nobody has accounted for: one that we were in doubt about, or written elsewhere.

        What the account wrote before the chat began is none of its lines.
        """
        for message in queued(chat):
            if _same(message.text, line.text):
                if message.id in self.doubtful:
                    sent = ChatMessageSent(
                        chat_id=chat.id, message_id=message.id, steam_ts=line.steam_ts, ordinal=line.ordinal
                    )
                    self._ctx.publish(sent)
                return  # one that is under way: its own answer tells of it
        if line.steam_ts >= chat.started_at // 1_000:
            message = self._message(chat, line, Sender.BOT, ELSEWHERE)
            self._ctx.publish(ChatMessageEchoed(chat_id=chat.id, message=message))


def _same(ours: str, theirs: str) -> bool:
    """Steam may have changed the white space of a message; it has not changed its words."""
    return ours.split() == theirs.split()
