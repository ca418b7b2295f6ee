"""The outbox: what chats have decided to say, delivered one message after another in each chat."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from kernel.clock import Millis, due_at
from kernel.codes import KernelRefusal, MessageCode
from kernel.commands import Delivered, DeliverMessage
from kernel.context import Context
from kernel.errors import Binds, CommandError, InDoubt, NotSent, RefusedBySteam
from kernel.events import ChatMessageFailed, ChatMessageSending, ChatMessageSent, ChatMessageWaiting
from kernel.ids import BotId, ChatId, MessageId
from kernel.outcomes import Fate, Outcome, judge
from kernel.rows import AgentOffReason, Attempt, BotStatus, Chat, Delivery, Message
from plugins.dialogue.alarms import sleep_until
from plugins.dialogue.codes import UnsentReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import by_program, queued, sending, undecided, with_transport
from plugins.dialogue.courier import Courier
from plugins.dialogue.doubts import Doubts
from plugins.dialogue.history import History
from plugins.dialogue.ownership import Ownership, expired
from plugins.dialogue.probes import Probes

TOO_MUCH: Final[Mapping[str, AgentOffReason]] = {
    KernelRefusal.TOO_MANY_UNANSWERED: AgentOffReason.NOT_ANSWERED,
    KernelRefusal.TOO_MANY_LINES: AgentOffReason.TOO_MANY_LINES,
}
"""The rejections of `contact_policy` that are about how much a program writes."""
CLOSE_S: Final = 10.0
"""Seconds that a stop waits for answers of Steam's: less than a plugin has to stop, or that would be a failure."""


class Outbox:
    """Couriers, at most one a chat, there only while something can be delivered.

    `may_go` says whether the chat's bot can be used; `drained` is told when a chat has nothing left to say. Where a
    program's message is lost, its agent is switched off.
    """

    def __init__(
        self,
        ctx: Context,
        config: DialogueConfig,
        ownership: Ownership,
        history: History,
        doubts: Doubts,
        may_go: Callable[[Chat], bool],
        drained: Callable[[ChatId], None],
    ) -> None:
        self._ctx = ctx
        self._config = config
        self._ownership = ownership
        self._history = history
        self._doubts = doubts
        self._may_go = may_go
        self._drained = drained
        self._couriers: dict[ChatId, Courier] = {}
        self._probes = Probes(ctx.clock, config)
        self._held: defaultdict[BotId, set[ChatId]] = defaultdict(set)
        self._closing = False

    def load(self) -> None:
        """At start: what waits has not left, and what a change of hands had not failed yet is failed now."""
        for chat in self._ctx.state.chats.rows():
            if chat.bot_id not in self._ctx.state.bots:
                self.abandon(chat)
            elif any(queued(chat)):
                self._ownership.fail_expired(chat)
                self._held[chat.bot_id].add(chat.id)

    def wake(self, chat_id: ChatId) -> None:
        """Something about the chat's messages has changed: look again."""
        courier = self._couriers.get(chat_id)
        if courier is not None:
            courier.news.set()
        elif not self._closing:
            courier = self._couriers[chat_id] = Courier()
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

    def abandon(self, chat: Chat) -> None:
        """The chat's bot is gone: nothing can be sent or looked up any more."""
        for message in list(queued(chat)):
            self._fail(chat.id, message.id, UnsentReason.BOT_REMOVED, "The bot was removed before this was sent.")
        self._doubts.abandon(chat)

    async def settled(self, chat_id: ChatId) -> None:
        """Return when the message that is being handed over, if there is one, is settled or in doubt."""
        courier = self._couriers.get(chat_id)
        if courier is not None:
            await courier.at_rest.wait()

    async def close(self) -> None:
        """Begin nothing more, and see what is under way to its end; what Steam does not answer is looked for later."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                for chat_id in list(self._couriers):
                    await self.settled(chat_id)

    async def _deliver(self, chat_id: ChatId, courier: Courier) -> None:
        """Work through the queue until nothing of it can go out."""
        drained = False
        try:
            while not self._closing:
                chat: Chat = self._ctx.state.chats[chat_id]
                message = _next(chat)
                if message is None:
                    drained = not any(queued(chat)) and not any(sending(chat))
                    break
                if self._ctx.state.contact.paused or not self._may_go(chat):
                    self._hold(chat, message)
                    break
                await self._advance(chat, message, courier)
        finally:
            del self._couriers[chat_id]
            self._probes.drop(self._ctx.state.chats[chat_id].bot_id, chat_id)
        if drained:
            self._drained(chat_id)

    def _hold(self, chat: Chat, message: Message) -> None:
        """Nothing goes out in the chat until it is woken: the row says for what it waits."""
        self._held[chat.bot_id].add(chat.id)
        bot = self._ctx.state.bots.get(chat.bot_id)
        if self._ctx.state.contact.paused:
            code: MessageCode = KernelRefusal.CONTACT_PAUSED
            text = "All contact is paused: this goes out once somebody resumes it."
        elif bot is not None and bot.status is not BotStatus.CONNECTED:
            code = UnsentReason.BOT_OFFLINE
            text = "The bot is offline: this goes out when it is back."
        else:
            return  # the chat is being read back, which ends by itself
        until = message.attempt.retry_at if message.attempt is not None else None
        self._wait(chat.id, message, code, text, refusals=_refusals(message), until=until)

    async def _advance(self, chat: Chat, message: Message, courier: Courier) -> None:
        """One step: wait, look up, give up or hand over. The caller looks at the state anew after each."""
        now = self._ctx.clock.elapsed()
        if courier.message_id != message.id:
            courier.take(message.id, self._first_due(message, now), look_first=message.was_refused)
            self._probes.drop(chat.bot_id, chat.id)
        objection = expired(chat, message)
        if objection is not None:
            self._ownership.expire(chat.id, message, objection)
        elif now < courier.due:
            await sleep_until(self._ctx.clock, courier.due, courier.news)
        elif courier.look_first:
            await self._look_up(chat, message, courier)
        else:
            await self._hand_over(chat, message, courier)

    def _first_due(self, message: Message, now: Millis) -> int:
        """A person's pace for what programs say; after a restart, what is left of a pause."""
        pause = self._config.typing_ms(message.text) if by_program(message) else 0
        retry_at = message.attempt.retry_at if message.attempt is not None else None
        left = due_at(self._ctx.clock, retry_at) if retry_at is not None else 0
        return max(now + pause, min(left, now + self._config.refused_most_ms))

    async def _hand_over(self, chat: Chat, message: Message, courier: Courier) -> None:
        command = DeliverMessage(
            chat_id=chat.id, message_id=message.id, bot_id=chat.bot_id, player=chat.player, text=message.text
        )
        try:
            self._ctx.dry_run(command)
        except CommandError as error:  # before it is written down that it leaves
            self._hinder(chat.id, message, courier, judge(error))
            return
        courier.handing = message.id
        courier.at_rest.clear()
        self._ctx.publish(ChatMessageSending(chat_id=chat.id, message_id=message.id))
        try:
            await self._ctx.execute(command, done=lambda delivered: self._note_sent(chat.id, message.id, delivered))
        except CommandError as error:
            self._judge(chat.id, message.id, courier, error)
        finally:
            courier.handing = None
            courier.at_rest.set()
            self._history.reconsider(chat.id)

    def _note_sent(self, chat_id: ChatId, message_id: MessageId, delivered: object) -> None:
        """The transport has ended: known before anybody else can act on the message, and on disk with the answer."""
        if not isinstance(delivered, Delivered):
            raise InDoubt(KernelRefusal.IN_DOUBT, f"The transport answered with {type(delivered).__name__}.")
        self._history.steam_time.told(delivered.steam_ts)
        message = self._ctx.state.chats[chat_id].message(message_id)
        if message is not None and message.may_be_there:
            sent = ChatMessageSent(
                chat_id=chat_id, message_id=message_id, steam_ts=delivered.steam_ts, ordinal=delivered.ordinal
            )
            self._ctx.publish(sent)
        self._probes.taken(self._ctx.state.chats[chat_id].bot_id, chat_id)

    def _judge(self, chat_id: ChatId, message_id: MessageId, courier: Courier, error: CommandError) -> None:
        """Later again, in doubt, or never."""
        message = self._ctx.state.chats[chat_id].message(message_id)
        if message is None or not with_transport(message):
            return  # told already: sent, and only its event is not on disk yet; or its bot is gone
        outcome = judge(error)
        if outcome.fate is Fate.IN_DOUBT:
            self._doubts.begin(chat_id, message_id, outcome.message)
        elif not isinstance(error, NotSent | RefusedBySteam):
            self._hinder(chat_id, message, courier, outcome)
        elif not outcome.again:
            self._give_up(chat_id, message, outcome.code, outcome.message)
        elif outcome.fate is Fate.NOT_SENT and not self._may_go(self._ctx.state.chats[chat_id]):
            self._wait(
                chat_id, message, outcome.code, outcome.message, refusals=_refusals(message)
            )  # that its bot is off is no refusal
        else:
            self._try_later(chat_id, message, courier, outcome)

    def _hinder(self, chat_id: ChatId, message: Message, courier: Courier, outcome: Outcome) -> None:
        """Something on our side does not let it out: a guard, the journal, a transport that is away."""
        if not outcome.again:
            self._give_up(chat_id, message, outcome.code, outcome.message)
            return
        courier.hindrances += 1
        pause = max(outcome.retry_after or 0, self._config.back_off_ms(courier.hindrances))
        courier.due = self._ctx.clock.elapsed() + pause
        self._wait(chat_id, message, outcome.code, outcome.message, refusals=_refusals(message))

    def _try_later(self, chat_id: ChatId, message: Message, courier: Courier, outcome: Outcome) -> None:
        """Not taken: again after a growing pause, a bounded number of times."""
        now = self._ctx.clock.elapsed()
        if now < courier.scheduled and outcome.fate is Fate.REFUSED:  # a probe, which counts as no try
            courier.look_first, courier.due = True, courier.scheduled
            self._wait_for_steam(chat_id, message, courier, outcome, refusals=_refusals(message))
            return
        refusals = _refusals(message) + 1
        if refusals >= self._config.delivery_tries:
            text = f"Not taken in {refusals} tries, at last: {outcome.message}"
            self._give_up(chat_id, message, outcome.code, text)
            return
        courier.look_first = outcome.fate is Fate.REFUSED
        pause = self._config.refused_ms(refusals) if courier.look_first else self._config.back_off_ms(refusals)
        courier.due = courier.scheduled = now + max(outcome.retry_after or 0, pause)
        self._wait_for_steam(chat_id, message, courier, outcome, refusals=refusals)

    def _wait_for_steam(
        self, chat_id: ChatId, message: Message, courier: Courier, outcome: Outcome, *, refusals: int
    ) -> None:
        until = Millis(self._ctx.clock.now() + courier.scheduled - self._ctx.clock.elapsed())
        self._wait(chat_id, message, outcome.code, outcome.message, refusals=refusals, until=until)
        bot_id = self._ctx.state.chats[chat_id].bot_id
        if outcome.binds is Binds.REQUEST and outcome.unable:
            self._probes.refused(bot_id, chat_id, courier, outcome.retry_after)
        else:
            self._probes.drop(bot_id, chat_id)

    def _wait(
        self,
        chat_id: ChatId,
        message: Message,
        code: MessageCode,
        detail: str,
        *,
        refusals: int,
        until: Millis | None = None,
    ) -> None:
        """Say in the row why it does not go out, where that is not what the row says already."""
        waiting = ChatMessageWaiting(
            chat_id=chat_id,
            message_id=message.id,
            reason=code,
            detail=detail,
            refusals=refusals,
            until=until,
        )
        told = (message.reason, message.attempt) == (code, Attempt(refusals=refusals, retry_at=until))
        if message.delivery is not Delivery.QUEUED or not told:
            self._ctx.publish(waiting)

    async def _look_up(self, chat: Chat, message: Message, courier: Courier) -> None:
        """Steam has refused it before: see that the player does not have it all the same."""
        try:
            await self._history.read(chat.id)
        except CommandError as error:
            if self._may_go(self._ctx.state.chats[chat.id]):
                current = self._ctx.state.chats[chat.id].message(message.id)
                if current is not None and current.delivery is Delivery.QUEUED:
                    self._try_later(chat.id, current, courier, judge(error)._replace(fate=Fate.REFUSED))
        else:
            courier.look_first = False

    def _give_up(self, chat_id: ChatId, message: Message, code: MessageCode, detail: str) -> None:
        """Fail it; where a program wrote it, its dialogue has a hole now, and is not to go on as if it had none."""
        chat = self._ctx.state.chats[chat_id]
        if by_program(message) and expired(chat, message) is None:
            # first: after a crash in between, the chat must not be the agent's
            self._ctx.log.warning("%s: a message of the agent's is lost, a person is needed: %s", chat_id, detail)
            self._ownership.switch_off(chat_id, TOO_MUCH.get(code, AgentOffReason.MESSAGE_LOST), detail)
        self._fail(chat_id, message.id, code, detail)

    def _fail(self, chat_id: ChatId, message_id: MessageId, code: MessageCode, detail: str) -> None:
        current = self._ctx.state.chats[chat_id].message(message_id)
        if current is not None and (current.delivery is Delivery.QUEUED or with_transport(current)):
            self._ctx.publish(ChatMessageFailed(chat_id=chat_id, message_id=message_id, reason=code, detail=detail))


def _next(chat: Chat) -> Message | None:
    """What is to be said next. Nothing of a program's follows a message in doubt; a person's words need not wait."""
    if any(sending(chat)) or any(undecided(chat)):
        return next((message for message in queued(chat) if not by_program(message)), None)
    return next(queued(chat), None)


def _refusals(message: Message) -> int:
    return message.attempt.refusals if message.attempt is not None else 0
