"""The outbox: what chats have decided to say, delivered one message after another in each chat."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from kernel.clock import Millis
from kernel.commands import DeliverMessage
from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import ChatMessageFailed, ChatMessageSent
from kernel.ids import BotId, ChatId, MessageId
from kernel.outcomes import Fate, Outcome, judge
from kernel.rows import Chat, Message
from plugins.dialogue.alarms import sleep_until
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import by_program, queued
from plugins.dialogue.gate import expired
from plugins.dialogue.history import History


class _Courier:
    """Delivers the messages of one chat. `handing` is the one that is with the router or the transport just now."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.handing: MessageId | None = None
        self.at_rest = asyncio.Event()
        self.at_rest.set()
        self.message_id: MessageId | None = None
        self.due = 0
        """When `message_id` goes out, by what has elapsed of the run."""
        self.failures = 0
        """How often `message_id` surely was not sent, or could not be looked up."""
        self.objections = 0
        """How often a guard would not let it through for now."""


class Outbox:
    """Couriers, at most one a chat, there only while something can be delivered.

    `may_go` says whether the chat's bot can be used; `drained` is told when a chat has nothing left to say, `lost`
    when a program's message will not reach the player, with the sentence why.
    """

    def __init__(
        self,
        ctx: Context,
        config: DialogueConfig,
        history: History,
        may_go: Callable[[Chat], bool],
        drained: Callable[[ChatId], None],
        lost: Callable[[ChatId, str], None],
    ) -> None:
        self._ctx = ctx
        self._config = config
        self._history = history
        self._may_go = may_go
        self._drained = drained
        self._lost = lost
        self._couriers: dict[ChatId, _Courier] = {}
        self._held: defaultdict[BotId, set[ChatId]] = defaultdict(set)
        self._closing = False

    def load(self) -> None:
        """At start: whatever waits may have been on its way when the last run ended."""
        for chat in self._ctx.state.chats.rows():
            waiting = [message.id for message in queued(chat)]
            self._history.doubtful.update(waiting)
            if chat.bot_id not in self._ctx.state.bots:
                self.abandon(chat)
            elif waiting:
                self._held[chat.bot_id].add(chat.id)

    def wake(self, chat_id: ChatId) -> None:
        """Something about the chat's messages has changed: look again."""
        courier = self._couriers.get(chat_id)
        if courier is not None:
            courier.news.set()
        elif not self._closing:
            courier = self._couriers[chat_id] = _Courier()
            self._ctx.spawn(self._deliver(chat_id, courier), f"courier of {chat_id}")

    def wake_bot(self, bot_id: BotId) -> None:
        """The bot can be used again."""
        for chat_id in self._held.pop(bot_id, ()):
            self.wake(chat_id)

    def wake_all(self) -> None:
        for bot_id in list(self._held):
            self.wake_bot(bot_id)

    def held(self, bot_id: BotId) -> frozenset[ChatId]:
        """Chats of the bot with messages that cannot go out for now."""
        return frozenset(self._held.get(bot_id, ()))

    def drop_expired(self, chat_id: ChatId) -> None:
        """Fail what the chat, as it is now, would not let out; what is on its way or in doubt is settled by its end."""
        chat = self._ctx.state.chats[chat_id]
        for message in queued(chat):
            objection = expired(chat, message)
            if objection is not None and not self._is_open_question(chat_id, message.id):
                self._fail(chat_id, message.id, objection.code, objection.message)
        self.wake(chat_id)

    def undelivered(self, chat: Chat) -> str | None:
        """What a program was about to say and has not begun to."""
        texts = [m.text for m in queued(chat) if by_program(m) and not self._is_open_question(chat.id, m.id)]
        return "\n".join(texts) or None

    def abandon(self, chat: Chat) -> None:
        """The chat's bot is gone: nothing can be sent or looked up any more."""
        for message in queued(chat):
            if message.id in self._history.doubtful:
                self._fail(
                    chat.id, message.id, "inDoubt", "The bot was removed before Steam said whether this arrived."
                )
            else:
                self._fail(chat.id, message.id, "botRemoved", "The bot was removed before this was sent.")

    async def quiet(self, chat_id: ChatId) -> None:
        """Return when the message that is being handed over, if there is one, is settled or in doubt."""
        courier = self._couriers.get(chat_id)
        if courier is not None:
            await courier.at_rest.wait()

    async def close(self) -> None:
        """Begin nothing more, and see what is under way to its end."""
        self._closing = True
        for chat_id in list(self._couriers):
            await self.quiet(chat_id)

    def _is_open_question(self, chat_id: ChatId, message_id: MessageId) -> bool:
        courier = self._couriers.get(chat_id)
        return message_id in self._history.doubtful or (courier is not None and courier.handing == message_id)

    async def _deliver(self, chat_id: ChatId, courier: _Courier) -> None:
        """Work through the queue until it is empty, or nothing can go out."""
        drained = False
        try:
            while not self._closing:
                chat: Chat = self._ctx.state.chats[chat_id]
                message = next(queued(chat), None)
                if message is None:
                    drained = True
                    break
                if self._ctx.state.contact.paused or not self._may_go(chat):
                    self._held[chat.bot_id].add(chat_id)
                    break
                await self._advance(chat, message, courier)
        finally:
            del self._couriers[chat_id]
        if drained:
            self._drained(chat_id)

    async def _advance(self, chat: Chat, message: Message, courier: _Courier) -> None:
        """One step: wait, look up, give up or hand over. The caller looks at the state anew after each."""
        now = self._ctx.clock.elapsed()
        doubtful = message.id in self._history.doubtful
        if courier.message_id != message.id:
            courier.message_id, courier.failures, courier.objections = message.id, 0, 0
            courier.due = now + (self._config.typing_ms(message.text) if by_program(message) and not doubtful else 0)
        objection = None if doubtful else expired(chat, message)
        if objection is not None:
            self._fail(chat.id, message.id, objection.code, objection.message)
        elif now < courier.due:
            await sleep_until(self._ctx.clock, courier.due, courier.news)
        elif doubtful:
            await self._look_up(chat, message, courier)
        else:
            await self._hand_over(chat, message, courier)

    async def _hand_over(self, chat: Chat, message: Message, courier: _Courier) -> None:
        courier.handing = message.id
        courier.at_rest.clear()
        try:
            delivered = await self._ctx.execute(
                DeliverMessage(
                    chat_id=chat.id,
                    message_id=message.id,
                    bot_id=chat.bot_id,
                    player=chat.player,
                    text=message.text,
                )
            )
        except CommandError as error:
            self._judge(chat, message, courier, judge(error))
        else:
            self._ctx.publish(
                ChatMessageSent(
                    chat_id=chat.id,
                    message_id=message.id,
                    steam_ts=delivered.steam_ts,
                    ordinal=delivered.ordinal,
                )
            )
        finally:
            courier.handing = None
            courier.at_rest.set()

    def _judge(self, chat: Chat, message: Message, courier: _Courier, outcome: Outcome) -> None:
        """Later again, in doubt, or never."""
        now = self._ctx.clock.elapsed()
        if outcome.fate is Fate.IN_DOUBT:
            self._history.doubtful.add(message.id)
            courier.due = now + self._config.doubt_ms
        elif not outcome.again:
            self._give_up(chat.id, message, outcome.code, outcome.message)
        elif outcome.objection:
            courier.objections += 1
            courier.due = now + max(outcome.retry_after or 0, self._config.back_off_ms(courier.objections))
        else:
            self._try_later(chat, message, courier, outcome, now)

    def _try_later(self, chat: Chat, message: Message, courier: _Courier, outcome: Outcome, now: Millis) -> None:
        """Not taken. That the bot went offline is no failure of the message."""
        if not self._may_go(self._ctx.state.chats[chat.id]):
            return
        courier.failures += 1
        if courier.failures >= self._config.delivery_tries:
            text = f"Not taken in {courier.failures} tries, at last: {outcome.message}"
            self._give_up(chat.id, message, outcome.code, text)
        else:
            courier.due = now + max(outcome.retry_after or 0, self._config.back_off_ms(courier.failures))

    async def _look_up(self, chat: Chat, message: Message, courier: _Courier) -> None:
        """Ask Steam whether the player has the message. Without an answer it is never sent a second time."""
        try:
            await self._history.read(chat.id)
        except CommandError as refused:
            if not self._may_go(self._ctx.state.chats[chat.id]):
                return
            courier.failures += 1
            if courier.failures >= self._config.history_tries:
                text = "It may or may not have arrived, and Steam's history cannot be read; look before you repeat it"
                self._give_up(chat.id, message, "inDoubt", f"{text}: {refused.message}")
            else:
                courier.due = self._ctx.clock.elapsed() + self._config.back_off_ms(courier.failures)
        else:
            courier.message_id = None  # settled, or to be sent from the start

    def _give_up(self, chat_id: ChatId, message: Message, code: str, detail: str) -> None:
        """Fail it; where a program wrote it, its dialogue has a hole now, and is not to go on as if it had none."""
        chat = self._ctx.state.chats[chat_id]
        if by_program(message) and expired(chat, message) is None:
            self._lost(chat_id, detail)  # first: after a crash in between, the chat must not be the agent's
        self._fail(chat_id, message.id, code, detail)

    def _fail(self, chat_id: ChatId, message_id: MessageId, code: str, detail: str) -> None:
        self._history.doubtful.discard(message_id)
        current = self._ctx.state.chats[chat_id].message(message_id)
        if current is None or current.delivery != "queued":
            return
        self._ctx.publish(ChatMessageFailed(chat_id=chat_id, message_id=message_id, reason=code, detail=detail))
