"""Messages in doubt: sent without an answer, looked up in Steam's history, and never repeated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from kernel.clock import MINUTE, SECOND
from kernel.codes import DoubtReason
from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import (
    ChatArchived,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageSending,
    ChatMessageUnanswered,
    Envelope,
)
from kernel.ids import BotId, ChatId, MessageId
from kernel.rows import AgentOffReason, Chat, Delivery, Message
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import queued, sending, torn, undecided
from plugins.dialogue.history import History
from plugins.dialogue.ownership import Ownership
from plugins.dialogue.timers import Timers

LATE_LOOKUPS: Final = (3 * MINUTE, 10 * MINUTE, 30 * MINUTE)
"""The pauses between lookups after a person was called: a late entry in the history may spare them the decision."""


class _Watch:
    """How often a message was looked up, and when it is due next, by what has elapsed of the run."""

    def __init__(self, due: int) -> None:
        self.looks = 0
        self.due = due


class Doubts:
    """Looks each message in doubt up until it is found, or its window ends and a person has to decide.

    `may_go` says whether the chat's bot can be asked; `looked` is told after each look. Where a message stays in doubt,
    the agent is switched off: only a person can go on.
    """

    def __init__(
        self,
        ctx: Context,
        config: DialogueConfig,
        ownership: Ownership,
        history: History,
        may_go: Callable[[Chat], bool],
        looked: Callable[[ChatId], None],
    ) -> None:
        self._ctx = ctx
        self._ownership = ownership
        self._history = history
        self._may_go = may_go
        self._looked = looked
        self._window = config.lookup_pauses_ms
        self._pauses = (*config.lookup_pauses_ms, *LATE_LOOKUPS)
        self._span_s = config.doubt_window_ms // SECOND
        self._watches: defaultdict[ChatId, dict[MessageId, _Watch]] = defaultdict(dict)
        self._looking: set[ChatId] = set()
        self.timers: Final = Timers(ctx, self._fire)

    def load(self) -> None:
        """At start: what was being sent when the last run ended, and what a version queued that did not say so."""
        for chat in self._ctx.state.chats.rows():
            unsure = {message.id for message in queued(chat) if message.attempt is None}
            unsure -= {message.id for message in torn(chat)}
            for message_id in unsure:
                self._ctx.publish(ChatMessageSending(chat_id=chat.id, message_id=message_id))
            if not chat.is_open:
                self.settle_closed(chat)
            for message in list(sending(self._ctx.state.chats[chat.id])):
                self.begin(chat.id, message.id, "The system stopped before Steam had answered.")

    def begin(self, chat_id: ChatId, message_id: MessageId, why: str) -> None:
        """No answer has come: look it up from now on."""
        message = self._ctx.state.chats[chat_id].message(message_id)
        if message is not None and message.reason != DoubtReason.UNANSWERED:
            self._ctx.publish(ChatMessageUnanswered(chat_id=chat_id, message_id=message_id, detail=why))
        self._watches[chat_id][message_id] = _Watch(self._ctx.clock.elapsed() + self._pauses[0])
        self._set_timer(chat_id)

    def resume(self, chat_id: ChatId) -> None:
        """The chat's bot can be asked again, and the chat has just been read."""
        now = self._ctx.clock.elapsed()
        for watch in self._watches.get(chat_id, {}).values():
            watch.due = now + self._pauses[watch.looks]
        self._set_timer(chat_id)

    def of_bot(self, bot_id: BotId) -> set[ChatId]:
        """The chats of the bot in which a message is looked for."""
        return {chat_id for chat_id in self._watches if self._ctx.state.chats[chat_id].bot_id == bot_id}

    def settle_closed(self, chat: Chat) -> None:
        """Nothing is sent in the chat any more, so there is nothing to decide about what stayed in doubt."""
        for message in list(undecided(chat)):
            self._give_up(chat, message, "The chat was closed before anybody decided.")

    def abandon(self, chat: Chat) -> None:
        """The chat's bot is gone: nothing can be looked up any more."""
        for message in [*sending(chat), *undecided(chat)]:
            self._give_up(chat, message, "The bot was removed before Steam said whether this arrived.")
        self._forget(chat.id)

    def archived(self, _: Envelope, event: ChatArchived) -> None:
        """The chats have left the state: what may still turn up of them is not looked for any more."""
        for chat_id in event.chat_ids:
            self._forget(chat_id)

    def _fire(self, chat_id: ChatId) -> None:
        if chat_id not in self._looking and self._may_go(self._ctx.state.chats[chat_id]):
            self._looking.add(chat_id)
            self._ctx.spawn(self._look(chat_id), f"look for messages in {chat_id}")

    async def _look(self, chat_id: ChatId) -> None:
        problem = None
        try:
            await self._history.read(chat_id)
        except CommandError as error:
            problem = error.message
        finally:
            self._looking.discard(chat_id)
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        if chat is None:
            return  # it was archived meanwhile
        if problem is None or self._may_go(chat):  # else its bot has gone: it goes on when it is back
            self._count(chat, problem)
        self._looked(chat_id)

    def _count(self, chat: Chat, problem: str | None) -> None:
        """Count a lookup for each message that was due; a failed one counts, or it might never end."""
        now = self._ctx.clock.elapsed()
        for message_id, watch in list(self._watches.get(chat.id, {}).items()):
            message = self._ctx.state.chats[chat.id].message(message_id)
            if message is None or not message.may_be_there:
                del self._watches[chat.id][message_id]
            elif watch.due <= now:
                watch.looks += 1
                if watch.looks == len(self._window):
                    self._leave_open(chat.id, message, problem)
                if watch.looks == len(self._pauses):
                    del self._watches[chat.id][message_id]
                else:
                    watch.due = now + self._pauses[watch.looks]
        self._set_timer(chat.id)

    def _leave_open(self, chat_id: ChatId, message: Message, problem: str | None) -> None:
        """Its window has ended. Where the chat is open, a person decides whether it is sent again."""
        if message.delivery is not Delivery.SENDING:
            return
        why = f"its history has not shown this within {self._span_s} s"
        if problem is not None:
            why = f"its history cannot be read: {problem}"
        detail = f"Steam did not answer, and {why}. It may or may not have arrived."
        chat = self._ctx.state.chats[chat_id]
        if not chat.is_open:
            self._give_up(chat, message, detail)
            return
        # first: after a crash in between, the chat must not be the agent's
        self._ctx.log.warning("%s: a message stays in doubt, a person is needed: %s", chat_id, detail)
        self._ownership.switch_off(chat_id, AgentOffReason.MESSAGE_IN_DOUBT, detail)
        self._ctx.publish(ChatMessageInDoubt(chat_id=chat_id, message_id=message.id, detail=detail))

    def _give_up(self, chat: Chat, message: Message, detail: str) -> None:
        failed = ChatMessageFailed(chat_id=chat.id, message_id=message.id, reason=DoubtReason.IN_DOUBT, detail=detail)
        self._ctx.publish(failed)

    def _set_timer(self, chat_id: ChatId) -> None:
        watches = self._watches.get(chat_id)
        if watches:
            self.timers.set(chat_id, min(watch.due for watch in watches.values()))
        else:
            self._forget(chat_id)

    def _forget(self, chat_id: ChatId) -> None:
        self._watches.pop(chat_id, None)
        self.timers.clear(chat_id)
