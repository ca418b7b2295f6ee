"""Take-over: ToggleAgent, and the take-over that writing by hand implies, answered once nothing is on its way."""

from __future__ import annotations

import asyncio

from kernel.causality import is_person
from kernel.codes import KernelRefusal
from kernel.commands import Command, DeliverMessage, ToggleAgent
from kernel.context import Context
from kernel.errors import Conflict, Forbidden, Unfinished
from kernel.ids import ChatId
from kernel.rows import AgentOffReason, Chat
from plugins.dialogue.codes import DialogueRefusal, HandoverReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import known_chat, undecided
from plugins.dialogue.outbox import Outbox
from plugins.dialogue.ownership import Ownership
from plugins.dialogue.unanswered import UnansweredLines


class TakeOver:
    """Carries out ToggleAgent: `Ownership` changes hands at once, and the answer waits for what is on its way."""

    def __init__(
        self, ctx: Context, config: DialogueConfig, ownership: Ownership, outbox: Outbox, unanswered: UnansweredLines
    ) -> None:
        self._ctx = ctx
        self._config = config
        self._ownership = ownership
        self._outbox = outbox
        self._unanswered = unanswered

    async def toggle(self, command: ToggleAgent) -> None:
        """Idempotent; a second take-over by the same person waits as the first."""
        chat = self.toggled(command)
        if command.enabled:
            self._ownership.hand_back(chat)
            return
        if chat.owner != self._ctx.actor:
            taken = self._ownership.colleague(chat) is not None
            reason = HandoverReason.TAKEN_FROM_COLLEAGUE if taken else HandoverReason.TAKEN_OVER
            self._ownership.take_over(chat, command.why or self._why(), reason)
        await self.settled(chat.id)

    def toggled(self, command: ToggleAgent) -> Chat:
        """The chat, if the caller may switch its agent so. Raises NotFound, Conflict or Forbidden."""
        chat = known_chat(self._ctx, command.chat_id)
        if not chat.is_open:
            text = "The chat is closed: no agent says anything in it."
            raise Conflict(KernelRefusal.CHAT_CLOSED, text, field="chatId")
        if command.enabled:
            self._require_handed_back(chat)
        else:
            colleague = self._ownership.colleague(chat)
            if colleague is not None and command.take_from != colleague:
                text = f"{colleague} has taken this chat over already; write in it all the same, or take it from them."
                raise Conflict(DialogueRefusal.ALREADY_TAKEN, text, field="chatId")
        return chat

    def take_by_writing(self, chat: Chat) -> bool:
        """A person who writes in the chat takes it from its agent; did they? Who answers them waits for `settled`."""
        if not (is_person(self._ctx.actor) and chat.agent_enabled):
            return False
        text = f"{self._ctx.actor} wrote in it."
        self._ownership.take_over(chat, AgentOffReason.OPERATOR, HandoverReason.WROTE_BY_HAND, text)
        return True

    def _require_handed_back(self, chat: Chat) -> None:
        if chat.agent_enabled:
            return
        if chat.task_id is None:
            text = "This chat is about no task, so an agent has nothing to talk about."
            raise Conflict(DialogueRefusal.NO_TASK, text, field="chatId")
        if is_person(chat.owner) and not is_person(self._ctx.actor):
            text = f"{chat.owner} has this chat, and only a person gives it back."
            raise Forbidden(DialogueRefusal.OWNED_BY_PERSON, text)
        if any(undecided(chat)):
            text = "It is not known whether a message has arrived: first decide whether it is sent again or discarded."
            raise Conflict(DialogueRefusal.MESSAGE_IN_DOUBT, text, field="chatId")

    def _why(self) -> AgentOffReason:
        """Why the agent is off, by who asks for it."""
        actor = self._ctx.actor
        if is_person(actor):
            return AgentOffReason.OPERATOR
        return AgentOffReason.AGENT_FAILED if actor.startswith("agent:") else AgentOffReason.OTHER

    async def settled(self, chat_id: ChatId) -> None:
        """Return when no message of the chat is in flight any more, nor may arrive late from a lost connection or an
        earlier run. Raises Unfinished at the deadline."""
        in_flight = False

        def of_this_chat(command: Command[object]) -> bool:
            nonlocal in_flight
            matches = isinstance(command, DeliverMessage) and command.chat_id == chat_id
            in_flight |= matches
            return matches

        try:
            async with asyncio.timeout(self._config.take_over_deadline_s):
                await self._ctx.settled(of_this_chat)
                if in_flight:
                    await self._outbox.settled(chat_id)  # the events about it come before the answer
                await self._unanswered.over(chat_id)
        except TimeoutError:
            text = "The chat is yours and the agent is off, but one message is still with Steam. Ask again in a moment."
            raise Unfinished(KernelRefusal.MESSAGE_UNDER_WAY, text, retry_after=1_000) from None
