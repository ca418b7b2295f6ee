"""The outbox: queued messages, delivered in order, one at a time in each chat."""

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
from plugins.dialogue.account_holds import AccountHolds
from plugins.dialogue.codes import UnsentReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import by_program, queued, sending, undecided, with_transport
from plugins.dialogue.doubts import Doubts
from plugins.dialogue.history import History
from plugins.dialogue.ownership import Ownership, expired
from plugins.dialogue.probes import Probes
from plugins.dialogue.timers import sleep_until
from plugins.dialogue.worker import DeliveryWorker

TOO_MUCH: Final[Mapping[str, AgentOffReason]] = {
    KernelRefusal.TOO_MANY_UNANSWERED: AgentOffReason.NOT_ANSWERED,
    KernelRefusal.TOO_MANY_LINES: AgentOffReason.TOO_MANY_LINES,
}
"""The rejections of `contact_policy` that are about how much a program writes."""
CLOSE_S: Final = 10.0
"""Seconds that a stop waits for answers of Steam's: less than a plugin has to stop, or that would be a failure."""


class Outbox:
    """Delivers queued messages: one worker a chat, which runs only while something can be delivered.

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
        self._workers: dict[ChatId, DeliveryWorker] = {}
        self._probes = Probes(ctx.clock, config)
        self._holds = AccountHolds(ctx, config)
        self._waiting: defaultdict[BotId, set[ChatId]] = defaultdict(set)
        self._closing = False

    def load(self) -> None:
        """At start: queued messages have not left; those that are expired are failed now."""
        self._holds.load()
        for chat in self._ctx.state.chats.rows():
            if chat.bot_id not in self._ctx.state.bots:
                self.abandon(chat)
            elif any(queued(chat)):
                self._ownership.fail_expired(chat)
                self._waiting[chat.bot_id].add(chat.id)

    def wake(self, chat_id: ChatId) -> None:
        """The chat's messages have changed: let its worker look again, or start one. One that has left needs none."""
        worker = self._workers.get(chat_id)
        if worker is not None:
            worker.wakeup.set()
        elif not self._closing and chat_id in self._ctx.state.chats:
            worker = self._workers[chat_id] = DeliveryWorker()
            self._ctx.spawn(self._deliver(chat_id, worker), f"worker of {chat_id}")

    def wake_bot(self, bot_id: BotId) -> None:
        """The bot is online and read back: go on with its chats that wait."""
        for chat_id in self._waiting.pop(bot_id, ()):
            self.wake(chat_id)

    def wake_all(self) -> None:
        for bot_id in list(self._waiting):
            self.wake_bot(bot_id)

    def waiting_chats(self, bot_id: BotId) -> frozenset[ChatId]:
        """Chats of the bot with messages that cannot go out for now."""
        return frozenset(self._waiting.get(bot_id, ()))

    def abandon(self, chat: Chat) -> None:
        """The chat's bot was removed: fail what is queued; nothing can be sent or looked up any more."""
        for message in list(queued(chat)):
            self._fail(chat.id, message.id, UnsentReason.BOT_REMOVED, "The bot was removed before this was sent.")
        self._doubts.abandon(chat)

    async def settled(self, chat_id: ChatId) -> None:
        """Return when the message in flight, if there is one, is settled or in doubt."""
        worker = self._workers.get(chat_id)
        if worker is not None:
            await worker.idle.wait()

    async def close(self) -> None:
        """Graceful shutdown: start nothing, await the messages in flight; a lost answer is looked up later."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                for chat_id in list(self._workers):
                    await self.settled(chat_id)

    async def _deliver(self, chat_id: ChatId, worker: DeliveryWorker) -> None:
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
                    self._set_waiting(chat, message)
                    break
                await self._advance(chat, message, worker)
        finally:
            del self._workers[chat_id]
            self._probes.drop(self._ctx.state.chats[chat_id].bot_id, chat_id)
            self._pass_on(chat_id)
        if drained:
            self._drained(chat_id)

    def _set_waiting(self, chat: Chat, message: Message) -> None:
        """The chat waits until it is woken; the row of its next message says for what."""
        self._waiting[chat.bot_id].add(chat.id)
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

    async def _advance(self, chat: Chat, message: Message, worker: DeliveryWorker) -> None:
        """One step: wait, look up, give up or hand over. The caller reads the state anew after each."""
        now = self._ctx.clock.elapsed()
        if worker.message_id != message.id:
            worker.take(message.id, self._first_due(message, now), lookup_first=message.was_refused)
            self._probes.drop(chat.bot_id, chat.id)
        objection = expired(chat, message)
        if objection is not None:
            self._ownership.expire(chat.id, message, objection)
        elif now < worker.due:
            await sleep_until(self._ctx.clock, worker.due, worker.wakeup)
        elif (held := self._holds.until(chat.bot_id)) is not None:
            self._wait_for_account(chat.id, message, held)
            await sleep_until(self._ctx.clock, now + held - self._ctx.clock.now(), worker.wakeup)
        elif not self._holds.may_go(chat.bot_id, chat.id):
            await sleep_until(self._ctx.clock, now + self._config.refused_first_ms, worker.wakeup)
        elif worker.lookup_first:
            await self._look_up(chat, message, worker)
        else:
            await self._hand_over(chat, message, worker)
            self._pass_on(chat.id)

    def _first_due(self, message: Message, now: Millis) -> int:
        """A person's pace for what programs say; after a restart, what is left of a pause."""
        pause = self._config.typing_ms(message.text) if by_program(message) else 0
        retry_at = message.attempt.retry_at if message.attempt is not None else None
        left = due_at(self._ctx.clock, retry_at) if retry_at is not None else 0
        return max(now + pause, min(left, now + self._config.refused_most_ms))

    async def _hand_over(self, chat: Chat, message: Message, worker: DeliveryWorker) -> None:
        command = DeliverMessage(
            chat_id=chat.id, message_id=message.id, bot_id=chat.bot_id, player=chat.player, text=message.text
        )
        try:
            self._ctx.dry_run(command)
        except CommandError as error:  # before it is written down that it leaves
            self._delay(chat.id, message, worker, judge(error))
            return
        worker.idle.clear()
        self._ctx.publish(ChatMessageSending(chat_id=chat.id, message_id=message.id))
        try:
            await self._ctx.execute(command, done=lambda delivered: self._note_sent(chat.id, message.id, delivered))
        except CommandError as error:
            self._judge(chat.id, message.id, worker, error)
        finally:
            worker.idle.set()
            self._history.match_set_aside(chat.id)

    def _note_sent(self, chat_id: ChatId, message_id: MessageId, delivered: object) -> None:
        """The transport has answered: published before anyone else can act on the message, on disk with the answer."""
        if not isinstance(delivered, Delivered):
            raise InDoubt(KernelRefusal.IN_DOUBT, f"The transport answered with {type(delivered).__name__}.")
        self._history.steam_time.observe(delivered.steam_ts)
        message = self._ctx.state.chats[chat_id].message(message_id)
        if message is not None and message.may_be_there:
            sent = ChatMessageSent(
                chat_id=chat_id, message_id=message_id, steam_ts=delivered.steam_ts, ordinal=delivered.ordinal
            )
            self._ctx.publish(sent)
        bot_id = self._ctx.state.chats[chat_id].bot_id
        self._probes.taken(bot_id, chat_id)
        if self._holds.taken(bot_id):
            self._wake_workers(bot_id)

    def _judge(self, chat_id: ChatId, message_id: MessageId, worker: DeliveryWorker, error: CommandError) -> None:
        """Decide by the error: retry, in doubt, or give up."""
        message = self._ctx.state.chats[chat_id].message(message_id)
        if message is None or not with_transport(message):
            return  # settled already: sent, and only its event is not on disk yet; or its bot is gone
        outcome = judge(error)
        if outcome.fate is Fate.IN_DOUBT:
            self._doubts.begin(chat_id, message_id, outcome.message)
        elif not isinstance(error, NotSent | RefusedBySteam):
            self._delay(chat_id, message, worker, outcome)
        elif not outcome.again:
            self._give_up(chat_id, message, outcome.code, outcome.message)
        elif outcome.binds is Binds.ACCOUNT:
            self._hold_account(chat_id, message, worker, outcome)
        elif outcome.fate is Fate.NOT_SENT and not self._may_go(self._ctx.state.chats[chat_id]):
            self._wait(
                chat_id, message, outcome.code, outcome.message, refusals=_refusals(message)
            )  # that its bot is off is no refusal
        else:
            self._try_later(chat_id, message, worker, outcome)

    def _delay(self, chat_id: ChatId, message: Message, worker: DeliveryWorker, outcome: Outcome) -> None:
        """Retry after something on our side blocked it (a guard, the journal, the transport): counts as no try."""
        if not outcome.again:
            self._give_up(chat_id, message, outcome.code, outcome.message)
            return
        worker.delays += 1
        pause = max(outcome.retry_after or 0, self._config.back_off_ms(worker.delays))
        worker.due = self._ctx.clock.elapsed() + pause
        self._wait(chat_id, message, outcome.code, outcome.message, refusals=_refusals(message))

    def _try_later(self, chat_id: ChatId, message: Message, worker: DeliveryWorker, outcome: Outcome) -> None:
        """Retry after a refusal, with exponential backoff and a bounded number of tries."""
        now = self._ctx.clock.elapsed()
        if now < worker.scheduled and outcome.fate is Fate.REFUSED:  # a probe, which counts as no try
            worker.lookup_first, worker.due = True, worker.scheduled
            self._wait_for_steam(chat_id, message, worker, outcome, refusals=_refusals(message))
            return
        refusals = _refusals(message) + 1
        if refusals >= self._config.delivery_tries:
            text = f"Not taken in {refusals} tries, at last: {outcome.message}"
            self._give_up(chat_id, message, outcome.code, text)
            return
        worker.lookup_first = outcome.fate is Fate.REFUSED
        pause = self._config.refused_ms(refusals) if worker.lookup_first else self._config.back_off_ms(refusals)
        worker.due = worker.scheduled = now + max(outcome.retry_after or 0, pause)
        self._wait_for_steam(chat_id, message, worker, outcome, refusals=refusals)

    def _hold_account(self, chat_id: ChatId, message: Message, worker: DeliveryWorker, outcome: Outcome) -> None:
        """Steam takes no messages of this account: it waits, as all of the bot's do, and is looked for before it goes.

        That counts as no try, unless Steam takes others meanwhile.
        """
        bot_id = self._ctx.state.chats[chat_id].bot_id
        worker.lookup_first = True
        self._probes.drop(bot_id, chat_id)
        if not self._holds.refused(bot_id, worker, outcome):
            self._give_up(chat_id, message, outcome.code, outcome.message)
            return
        refusals = max(1, _refusals(message))
        until = self._holds.until(bot_id)
        now = self._ctx.clock.now()
        # behind those that were refused less often: one that is never taken must not hold them up
        last = self._config.retry_first_ms * worker.limited
        worker.due = self._ctx.clock.elapsed() + (until or now) - now + last
        self._wait(chat_id, message, outcome.code, outcome.message, refusals=refusals, until=until)
        self._wake_workers(bot_id)  # so that the rows of the others say it, too

    def _wait_for_account(self, chat_id: ChatId, message: Message, held: Millis) -> None:
        text = "Steam takes no messages from this bot for now: this goes out when it does again."
        self._wait(chat_id, message, KernelRefusal.MESSAGES_HELD, text, refusals=_refusals(message), until=held)

    def _pass_on(self, chat_id: ChatId) -> None:
        """After a hold the next chat may go first, where this one was it."""
        bot_id = self._ctx.state.chats[chat_id].bot_id
        if self._holds.release(bot_id, chat_id):
            self._wake_workers(bot_id)

    def _wake_workers(self, bot_id: BotId) -> None:
        for chat_id in self._ctx.state.index.open_chats_of_bot.get(bot_id, ()):
            if chat_id in self._workers:
                self._workers[chat_id].wakeup.set()

    def _wait_for_steam(
        self, chat_id: ChatId, message: Message, worker: DeliveryWorker, outcome: Outcome, *, refusals: int
    ) -> None:
        until = Millis(self._ctx.clock.now() + worker.scheduled - self._ctx.clock.elapsed())
        self._wait(chat_id, message, outcome.code, outcome.message, refusals=refusals, until=until)
        bot_id = self._ctx.state.chats[chat_id].bot_id
        if outcome.binds is Binds.REQUEST and outcome.unable:
            self._probes.refused(bot_id, chat_id, worker, outcome.retry_after)
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
        """Write into the row why it waits, where the row does not say that already."""
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

    async def _look_up(self, chat: Chat, message: Message, worker: DeliveryWorker) -> None:
        """Steam refused it before: read the history first, since it may have been delivered all the same."""
        try:
            await self._history.read(chat.id)
        except CommandError as error:
            if self._may_go(self._ctx.state.chats[chat.id]):
                current = self._ctx.state.chats[chat.id].message(message.id)
                if current is not None and current.delivery is Delivery.QUEUED:
                    outcome = judge(error)._replace(fate=Fate.REFUSED)
                    if outcome.binds is Binds.ACCOUNT:
                        self._hold_account(chat.id, current, worker, outcome)
                    else:
                        self._try_later(chat.id, current, worker, outcome)
            self._pass_on(chat.id)
        else:
            worker.lookup_first = False

    def _give_up(self, chat_id: ChatId, message: Message, code: MessageCode, detail: str) -> None:
        """Fail it for good. A program's dialogue would go on with a message missing: its agent is switched off."""
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
