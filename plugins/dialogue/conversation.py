"""What can be read from the messages of a chat: who may say them, what waits, what is unanswered, what is known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from kernel.ids import BotId, ChatId, SteamId64
from kernel.origin import is_person
from kernel.rows import Chat, Delivery, Message, Sender
from kernel.state import State


def by_program(message: Message) -> bool:
    """Did a program write this on the bot's behalf?"""
    return message.sender is Sender.BOT and not is_person(message.author)


def queued(chat: Chat) -> Iterator[Message]:
    """What is decided to be said and not yet settled, in the order in which it is to be said."""
    return (message for message in chat.messages if message.delivery is Delivery.QUEUED)


def reached(message: Message) -> bool:
    """Has the player seen this line, or will they as soon as it is delivered?"""
    return message.sender is Sender.BOT and message.delivery is not Delivery.FAILED


def unanswered(chat: Chat) -> str:
    """What the player wrote since the bot's last words, line by line."""
    tail = takewhile(lambda message: not reached(message), reversed(chat.messages))
    lines = [message.text for message in tail if message.sender is Sender.PLAYER]
    return "\n".join(reversed(lines))


def agent_has_spoken(chat: Chat) -> bool:
    """Have words of an agent's reached the player in this chat, or are they on their way?"""
    return any(by_program(message) and reached(message) for message in chat.messages)


def torn(chat: Chat) -> list[Message]:
    """Messages of a turn that a crash cut off before its last event, dialogScript.advanced.

    That event says until when the agent waits, always a moment after its messages. Where it is missing, so is the
    turn: the commit barrier has let none of these messages out.
    """
    tail = list(
        takewhile(
            lambda m: m.delivery is Delivery.QUEUED and m.step is not None and m.epoch == chat.epoch,
            reversed(chat.messages),
        )
    )
    if not tail or not chat.is_open or (chat.turn_at is not None and chat.turn_at > tail[0].ts):
        return []
    return tail[::-1]


class Conversations:
    """The chats of each bot with each player, over all tasks: an index, made from the state at start."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._chats: dict[BotId, dict[SteamId64, list[ChatId]]] = {}

    def load(self) -> None:
        for chat in self._state.chats.values():
            self.add(chat)

    def add(self, chat: Chat) -> None:
        """Take note of a chat that has begun."""
        self._chats.setdefault(chat.bot_id, {}).setdefault(chat.player, []).append(chat.id)

    def forget(self, bot_id: BotId) -> list[Chat]:
        """The bot is gone. Returns the chats that it had."""
        chats = self._chats.pop(bot_id, {})
        return [self._state.chats[chat_id] for ids in chats.values() for chat_id in ids]

    def known(self, bot_id: BotId, player: SteamId64) -> set[tuple[int | None, int | None]]:
        """Steam's identities (seconds, ordinal) of the lines between the two that are in the state."""
        chats = self._chats.get(bot_id, {}).get(player, [])
        return {(m.steam_ts, m.ordinal) for chat_id in chats for m in self._state.chats[chat_id].messages}
