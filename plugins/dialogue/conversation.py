"""Queries over the messages of a chat: who wrote them, what is queued, in doubt, unanswered or known to Steam."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from kernel.causality import is_program
from kernel.codes import DoubtReason, KernelRefusal
from kernel.commands import HistoryLine
from kernel.context import Context
from kernel.ids import BotId, ChatId, MessageId, SteamId64
from kernel.rows import Bot, Chat, Delivery, Message, Sender
from kernel.state import State


def known_chat(ctx: Context, chat_id: ChatId) -> Chat:
    """The chat. Raises NotFound."""
    chat: Chat | None = ctx.state.chats.get(chat_id)
    if chat is None:
        text = f"There is no chat {chat_id}."
        raise ctx.hooks.not_there(chat_id, KernelRefusal.UNKNOWN_CHAT, text, "chatId")
    return chat


def by_program(message: Message) -> bool:
    """Did a program write this on the bot's behalf?"""
    return message.sender is Sender.BOT and is_program(message.author)


def queued(chat: Chat) -> Iterator[Message]:
    """The queued messages, which surely have not left, in the order in which they are sent."""
    return (message for message in chat.messages if message.delivery is Delivery.QUEUED)


def sending(chat: Chat) -> Iterator[Message]:
    """The messages in flight or unanswered: settled by Steam's answer or by its history."""
    return (message for message in chat.messages if message.delivery is Delivery.SENDING)


def undecided(chat: Chat) -> Iterator[Message]:
    """The messages in doubt, until a person decides: retry or discard."""
    return (message for message in chat.messages if message.delivery is Delivery.IN_DOUBT and message.is_owed)


def with_transport(message: Message) -> bool:
    """Is it in flight: handed to the transport, whose answer is still awaited?"""
    return message.delivery is Delivery.SENDING and message.reason != DoubtReason.UNANSWERED


def left_at(message: Message) -> int:
    """When it was handed over (ms), as far as that is known."""
    handed_at = message.attempt.handed_at if message.attempt is not None else None
    return handed_at if handed_at is not None else message.ts


def reached(message: Message) -> bool:
    """Has the player seen this line, or may they, or will they as soon as it is delivered?"""
    return message.sender is Sender.BOT and (message.delivery is not Delivery.FAILED or message.may_be_there)


def unanswered(chat: Chat) -> str:
    """What the player wrote since the bot's last message, line by line."""
    tail = takewhile(lambda message: not reached(message), reversed(chat.messages))
    lines = [message.text for message in tail if message.sender is Sender.PLAYER]
    return "\n".join(reversed(lines))


def agent_has_spoken(chat: Chat) -> bool:
    """Have words of an agent's reached the player in this chat, or are they on their way?"""
    return any(by_program(message) and reached(message) for message in chat.messages)


def announced(chat: Chat) -> bool:
    """Has the player surely read that a program writes to them here?"""
    return any(by_program(message) and message.delivery is Delivery.SENT for message in chat.messages)


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


Key = tuple[int, int]
"""What Steam knows a line of a conversation by: its second, and its number within that."""


class Known:
    """The lines of a conversation that are accounted for, by Steam's keys.

    Of each side, whatever is not after a line that is held no longer counts as known too.
    """

    def __init__(self, chats: Iterable[Chat]) -> None:
        self._keys: set[Key] = set()
        self._forgotten: dict[bool, Key] = {}
        for chat in chats:
            self._keys.update((m.steam_ts, m.ordinal) for m in chat.messages if m.steam_ts is not None)  # type: ignore[misc]
            if chat.forgotten is not None:
                for from_bot, key in ((True, chat.forgotten.bot), (False, chat.forgotten.player)):
                    if key is not None:
                        latest = self._forgotten.get(from_bot, (0, 0))
                        self._forgotten[from_bot] = max(latest, (key.steam_ts, key.ordinal))

    def __contains__(self, line: HistoryLine) -> bool:
        key = (line.steam_ts, line.ordinal)
        return key in self._keys or key <= self._forgotten.get(line.from_bot, (0, 0))

    def add(self, line: HistoryLine) -> None:
        self._keys.add((line.steam_ts, line.ordinal))


class Conversations:
    """The chats of each account with each player that are in the state, over all tasks.

    By account, because Steam knows no bots: one that was removed and added again goes on with the same conversations.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def of(self, bot_id: BotId) -> list[Chat]:
        """The chats that the bot has or had, also when it is gone."""
        return [chat for chat in self._state.chats.values() if chat.bot_id == bot_id]

    def between(self, bot_id: BotId, player: SteamId64) -> list[Chat]:
        """The chats of the two, open or closed, as they began."""
        account = self._account(bot_id)
        ids = self._state.index.chats_between(account, player) if account is not None else ()
        return [self._state.chats[chat_id] for chat_id in ids]

    def latest(self, chat: Chat) -> Chat:
        """The last chat of the same two: where what is said between them now belongs."""
        chats = self.between(chat.bot_id, chat.player)
        return chats[-1] if chats else chat

    def known(self, bot_id: BotId, player: SteamId64) -> Known:
        """What is accounted for of all that was said between the two."""
        return Known(self.between(bot_id, player))

    def _account(self, bot_id: BotId) -> SteamId64 | None:
        bot: Bot | None = self._state.bots.get(bot_id)
        return bot.steam_id64 if bot is not None else None

    def find(self, chat: Chat, message_id: MessageId) -> Message | None:
        """The message, in whichever chat of the same two it is."""
        found = (other.message(message_id) for other in (chat, *self.between(chat.bot_id, chat.player)))
        return next((message for message in found if message is not None), None)
