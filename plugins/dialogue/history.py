"""Reading a chat back from Steam: what the player wrote while nobody listened, and what became of doubtful messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from kernel.causality import ELSEWHERE
from kernel.clock import DAY
from kernel.commands import HistoryLine, ReadHistory
from kernel.context import Context
from kernel.events import ChatMessageEchoed, ChatMessageFailed, ChatMessageReceived, ChatMessageSent
from kernel.ids import ChatId, MessageId, new_message_id
from kernel.rows import Chat, Delivery, Message, Sender
from plugins.dialogue.codes import UnsentReason
from plugins.dialogue.conversation import Conversations, Key, by_program, left_at, queued, with_transport
from plugins.dialogue.steam_time import SteamTime

OVERLAP_S: Final = 600
"""Seconds that are read again before what is known: covers a difference between Steam's clock and ours.

What is known already is told by its identity, so reading it again costs nothing but its bytes.
"""

GIVEN_UP_MS: Final = DAY
"""How far back messages that were given up are still matched: they may have arrived all the same."""


class History:
    """Reconciles the chats of a bot and a player with Steam's history."""

    def __init__(self, ctx: Context, conversations: Conversations) -> None:
        self._ctx = ctx
        self.steam_time: Final = SteamTime(ctx)
        self._conversations = conversations
        self._set_aside: defaultdict[ChatId, dict[Key, HistoryLine]] = defaultdict(dict)
        """The bot's lines that may be the message in flight: its answer tells."""

    async def read(self, chat_id: ChatId) -> None:
        """Publish new lines, and that messages in doubt were sent which Steam has.

        Raises CommandError, then all is as before. A chat that has left the state has nothing to be read for.
        """
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        if chat is None:
            return
        lines = await self._ctx.execute(
            ReadHistory(bot_id=chat.bot_id, player=chat.player, since=max(0, self._since(chat) - OVERLAP_S))
        )
        if chat_id in self._ctx.state.chats:
            self._merge(chat_id, lines)

    def add_line(self, chat: Chat, line: HistoryLine) -> None:
        """Record a new line of the player's."""
        message = self._message(chat, line, Sender.PLAYER, f"player:{chat.player}")
        self._ctx.publish(ChatMessageReceived(chat_id=chat.id, message=message), actor=message.author)

    def match_own_line(self, chat: Chat, line: HistoryLine) -> None:
        """Match a line of the bot's to a message in doubt; without a match it was written with another Steam client.

        What the account wrote before the chat began is left out.
        """
        alike = [(its, message) for its, message in self._unsettled(chat) if _same(message.text, line.text)]
        busy = next((its for its, message in alike if with_transport(message)), None)
        if busy is not None:
            self._set_aside[busy.id][line.steam_ts, line.ordinal] = line
        elif alike:
            # of several, the one that left at the nearest moment: the others are still in doubt
            self._found(*min(alike, key=lambda one: abs(self.steam_time.second(left_at(one[1])) - line.steam_ts)), line)
        elif line.steam_ts >= self.steam_time.second(chat.started_at):
            self._written_elsewhere(chat, line)

    def match_set_aside(self, chat_id: ChatId) -> None:
        """No message of the chat is in flight any more: match the lines that were set aside for it."""
        for line in self._set_aside.pop(chat_id, {}).values():
            chat = self._ctx.state.chats[chat_id]
            if line not in self._conversations.known(chat.bot_id, chat.player):
                self.match_own_line(self._conversations.latest(chat), line)

    def _since(self, chat: Chat) -> int:
        """The second from which on a line may be new."""
        second = self.steam_time.second
        latest = max([second(chat.started_at), *(m.steam_ts for m in chat.messages if m.steam_ts is not None)])
        lately = self._ctx.clock.now() - GIVEN_UP_MS
        looked_for = [second(m.ts) for _, m in self._unsettled(chat) if m.is_owed or m.ts > lately]
        return min([latest, *looked_for])

    def _unsettled(self, chat: Chat) -> Iterator[tuple[Chat, Message]]:
        """Messages that may have arrived, in all chats of the two; those that Steam says it refused, too."""
        for its in self._conversations.between(chat.bot_id, chat.player):
            for message in its.messages:
                refused = message.delivery is Delivery.QUEUED and message.was_refused
                if message.may_be_there or refused:
                    yield its, message

    def _merge(self, chat_id: ChatId, lines: Iterable[HistoryLine]) -> None:
        chat = self._ctx.state.chats[chat_id]
        known = self._conversations.known(chat.bot_id, chat.player)
        for line in lines:
            if line in known:
                continue
            known.add(line)
            latest = self._conversations.latest(chat)
            if line.from_bot:
                self.match_own_line(latest, line)
            else:
                self.add_line(latest, line)

    def _found(self, chat: Chat, message: Message, line: HistoryLine) -> None:
        """Steam has it: it was sent. Its retry is not sent, if it has not left yet."""
        self._publish(
            ChatMessageSent(chat_id=chat.id, message_id=message.id, steam_ts=line.steam_ts, ordinal=line.ordinal)
        )
        again = chat.message(message.retried_as) if message.retried_as is not None else None
        if again is not None and again.delivery is Delivery.QUEUED:
            text = "The first one has arrived after all, so this was not sent."
            self._drop(chat.id, again.id, UnsentReason.ARRIVED_AFTER_ALL, text)

    def _written_elsewhere(self, chat: Chat, line: HistoryLine) -> None:
        """Record a line from another Steam client. The same text queued here is not sent too."""
        text = "Somebody wrote the same words as the bot with another Steam client, so this was not sent."
        for message in list(queued(chat)):
            if _same(message.text, line.text) and (
                by_program(message) or line.steam_ts >= self.steam_time.second(message.ts)
            ):
                self._drop(chat.id, message.id, UnsentReason.WROTE_ELSEWHERE, text)
        message = self._message(chat, line, Sender.BOT, ELSEWHERE)
        self._publish(ChatMessageEchoed(chat_id=chat.id, message=message))

    def _drop(self, chat_id: ChatId, message_id: MessageId, reason: UnsentReason, detail: str) -> None:
        self._publish(ChatMessageFailed(chat_id=chat_id, message_id=message_id, reason=reason, detail=detail))

    def _publish(self, event: ChatMessageSent | ChatMessageFailed | ChatMessageEchoed) -> None:
        """Publish as this plugin, whoever had the history read."""
        self._ctx.publish(event, actor=f"plugin:{self._ctx.name}")

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


def _same(ours: str, theirs: str) -> bool:
    """Steam may have changed the white space of a message; it has not changed its words."""
    return ours.split() == theirs.split()
