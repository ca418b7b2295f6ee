"""Every line of every chat as a row of its own."""

from __future__ import annotations

from msgspec import Struct

from kernel.clock import Millis
from kernel.ids import BotId, ChatId, MessageId, SteamId64
from kernel.rows import Delivery, Sender
from kernel.state import State


class Line(Struct, frozen=True, kw_only=True):
    """One line of one chat: `author` is who wrote it, an actor such as `agent:scripted_agent`;
    `author_version` is that of an agent."""

    id: MessageId
    chat_id: ChatId
    bot_id: BotId
    player: SteamId64
    sender: Sender
    author: str
    author_version: str | None
    text: str
    ts: Millis
    delivery: Delivery | None
    step: str | None


def lines(state: State) -> list[Line]:
    """In the order of the chats, and within a chat as they were written."""
    return [
        Line(
            id=message.id,
            chat_id=chat.id,
            bot_id=chat.bot_id,
            player=chat.player,
            sender=message.sender,
            author=message.author,
            author_version=message.author_version,
            text=message.text,
            ts=message.ts,
            delivery=message.delivery,
            step=message.step,
        )
        for chat in state.chats.rows()
        for message in chat.messages
    ]
