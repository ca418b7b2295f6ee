"""Take-over: a chat changes hands, and once that is answered the agent says nothing more in it."""

from __future__ import annotations

import asyncio

from kernel.causality import is_person
from kernel.codes import Code, KernelRefusal
from kernel.commands import Command, DeliverMessage, ToggleAgent
from kernel.context import Context
from kernel.errors import Conflict, Forbidden, NotFound, Unfinished
from kernel.events import ChatAgentToggled
from kernel.ids import ChatId
from kernel.rows import AgentOffReason, Chat
from plugins.dialogue.codes import DialogueRefusal, HandoverReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import undecided
from plugins.dialogue.outbox import Outbox


class TakeOver:
    """Carries out ToggleAgent, and takes a chat for whoever writes in it.

    The promise rests on three things: the epoch rises at once, so that the gate refuses whatever was made before;
    the agent's turn is cancelled (`Turns` hears of it) and what it had queued is failed; and the answer waits for a
    message that the transport holds at that moment.
    """

    def __init__(self, ctx: Context, config: DialogueConfig, outbox: Outbox) -> None:
        self._ctx = ctx
        self._config = config
        self._outbox = outbox

    async def toggle(self, command: ToggleAgent) -> None:
        chat = self.toggled(command)
        if command.enabled:
            self._give_back(chat)
            return
        why = command.why or self._why()
        if not chat.agent_enabled and is_person(chat.owner) and chat.owner != self._ctx.actor:
            self._take(chat, HandoverReason.TAKEN_FROM_COLLEAGUE, why)
        elif chat.agent_enabled or chat.owner != self._ctx.actor:
            self._take(chat, HandoverReason.TAKEN_OVER, why)
        await self._silence(chat.id)

    def toggled(self, command: ToggleAgent) -> Chat:
        """The chat, if whoever asks may have its agent switched so. Raises NotFound, Conflict or Forbidden."""
        chat = self.chat(command.chat_id)
        if not chat.is_open:
            raise Conflict(
                KernelRefusal.CHAT_CLOSED, "The chat is closed: no agent says anything in it.", field="chatId"
            )
        actor = self._ctx.actor
        if not command.enabled:
            others = not chat.agent_enabled and is_person(chat.owner) and chat.owner != actor
            if others and command.take_from != chat.owner:
                text = f"{chat.owner} has taken this chat over already; write in it all the same, or take it from them."
                raise Conflict(DialogueRefusal.ALREADY_TAKEN, text, field="chatId")
            return chat
        if not chat.agent_enabled and chat.task_id is None:
            text = "This chat is about no task, so an agent has nothing to talk about."
            raise Conflict(DialogueRefusal.NO_TASK, text, field="chatId")
        if not chat.agent_enabled and is_person(chat.owner) and not is_person(actor):
            raise Forbidden(
                DialogueRefusal.OWNED_BY_PERSON, f"{chat.owner} has this chat, and only a person gives it back."
            )
        if not chat.agent_enabled and any(undecided(chat)):
            text = "It is not known whether a message has arrived: first decide whether it is sent again or discarded."
            raise Conflict(DialogueRefusal.MESSAGE_IN_DOUBT, text, field="chatId")
        return chat

    def _why(self) -> AgentOffReason:
        """Why the agent is off, by who asks for it."""
        actor = self._ctx.actor
        if is_person(actor):
            return AgentOffReason.OPERATOR
        return AgentOffReason.AGENT_FAILED if actor.startswith("agent:") else AgentOffReason.OTHER

    async def taken_by_writing(self, chat: Chat) -> None:
        """The chat is in the hands of the person who is about to write in it."""
        if is_person(self._ctx.actor) and chat.agent_enabled:
            text = f"{self._ctx.actor} wrote in it."
            self._take(chat, HandoverReason.WROTE_BY_HAND, AgentOffReason.OPERATOR, text)
            await self._silence(chat.id)

    def switch_off(
        self, chat_id: ChatId, why: AgentOffReason, detail: str, reason: HandoverReason | None = None
    ) -> None:
        """Take the chat from its agent for want of one that can lead it: now a person is needed."""
        chat = self._ctx.state.chats[chat_id]
        if chat.is_open and chat.agent_enabled:
            self._take(chat, reason or why, why, detail)

    def _give_back(self, chat: Chat) -> None:
        if not chat.agent_enabled:
            given = ChatAgentToggled(
                chat_id=chat.id, enabled=True, epoch=chat.epoch + 1, reason=HandoverReason.GIVEN_BACK
            )
            self._ctx.publish(given)

    def _take(self, chat: Chat, reason: Code, why: AgentOffReason, detail: str | None = None) -> None:
        """At once and without an await: from here on the gate lets no line of the agent's through."""
        dropped = self._outbox.undelivered(chat) if chat.agent_enabled else None
        self._ctx.publish(
            ChatAgentToggled(
                chat_id=chat.id,
                enabled=False,
                epoch=chat.epoch + 1,
                reason=reason,
                why=why,
                detail=detail,
                dropped=dropped,
            )
        )
        self._outbox.drop_expired(chat.id)

    async def _silence(self, chat_id: ChatId) -> None:
        """Return when no message of the chat is with the transport any more. Raises Unfinished at the deadline."""
        found = False

        def of_this_chat(command: Command[object]) -> bool:
            nonlocal found
            found |= isinstance(command, DeliverMessage) and command.chat_id == chat_id
            return isinstance(command, DeliverMessage) and command.chat_id == chat_id

        try:
            async with asyncio.timeout(self._config.take_over_deadline_s):
                await self._ctx.settled(of_this_chat)
                if found:
                    await self._outbox.quiet(chat_id)  # so that what became of it is told before the answer
        except TimeoutError:
            text = "The chat is yours and the agent is off, but one message is still with Steam. Ask again in a moment."
            raise Unfinished(KernelRefusal.MESSAGE_UNDER_WAY, text, retry_after=1_000) from None

    def chat(self, chat_id: ChatId) -> Chat:
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        if chat is None:
            raise NotFound(KernelRefusal.UNKNOWN_CHAT, f"There is no chat {chat_id}.", field="chatId")
        return chat
