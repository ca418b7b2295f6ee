"""Who may speak in a chat, who holds its turn, and how it changes hands between its agent and people."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Final

from kernel.causality import is_person
from kernel.codes import Code, DoubtReason, KernelRefusal, MessageCode
from kernel.context import Context
from kernel.events import ChatAgentToggled, ChatClosed, ChatMessageFailed, Envelope
from kernel.hookspecs import Rejection
from kernel.ids import ChatId
from kernel.rows import AgentOffReason, Chat, Delivery, Message
from plugins.dialogue.codes import DialogueRefusal, HandoverReason, UnsentReason
from plugins.dialogue.conversation import by_program, queued

TAKEN_OVER: Final = Rejection(
    "The agent no longer led this chat when this was to be sent.", code=DialogueRefusal.TAKEN_OVER
)
CHAT_CLOSED: Final = Rejection("The chat was closed before this was sent.", code=KernelRefusal.CHAT_CLOSED)
UNSENT: Final[Mapping[str, UnsentReason]] = {
    TAKEN_OVER.code: UnsentReason.TAKEN_OVER,
    CHAT_CLOSED.code: UnsentReason.CHAT_CLOSED,
}
"""The rejections of `expired`, as the reason in the row of the message."""


def expired(chat: Chat, message: Message) -> Rejection | None:
    """Why a message must not be sent any more: the fencing by epoch.

    A program's message is valid only in the epoch in which it was queued, while the agent leads. A person's message
    stays valid when the chat changes hands.
    """
    if not chat.is_open:
        return CHAT_CLOSED
    if by_program(message) and not (chat.agent_enabled and message.epoch == chat.epoch):
        return TAKEN_OVER
    return None


class Ownership:
    """The owner of each chat, its agent or a person, and the agent's turn. Only here does a chat change hands.

    After a take-over is answered with ok, no message of the agent's reaches the player. What keeps that happens in one
    step, without an `await`:

    1. The chat's epoch is raised by one, as by every change of hands. From then on `expired`, which is the last check
       before the transport's handler runs, rejects all that a program queued before.
    2. The agent's turn is cancelled, so that nothing more is queued; a turn that suppresses the cancellation is told
       by `end_turn` that it is over.
    3. The agent's queued messages are failed, so that their rows say so.

    A message that the transport has at that moment cannot be recalled: whoever answers the take-over waits for it.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._turns: dict[ChatId, asyncio.Task[None]] = {}

    def agent_leads(self, chat: Chat) -> bool:
        """Is it the agent that speaks here? The chat and its task are open, and the agent is on."""
        task = self._ctx.state.tasks.get(chat.task_id) if chat.task_id is not None else None
        return chat.is_open and chat.agent_enabled and task is not None and task.is_open

    def colleague(self, chat: Chat) -> str | None:
        """The person who has taken the chat over, if that is another than the caller."""
        return chat.owner if is_person(chat.owner) and chat.owner != self._ctx.actor else None

    def begin_turn(self, chat_id: ChatId, turn: Coroutine[object, object, None]) -> None:
        """Run a turn of the agent's as a task: at most one a chat, see `has_turn`."""
        self._turns[chat_id] = self._ctx.spawn(turn, f"turn in {chat_id}")

    def has_turn(self, chat_id: ChatId) -> bool:
        """Is a turn of the agent's under way?"""
        return chat_id in self._turns

    def end_turn(self, chat_id: ChatId) -> bool:
        """The calling task has the agent's reply. False if its turn was cancelled: the reply must not be used."""
        if self._turns.get(chat_id) is not asyncio.current_task():
            return False
        del self._turns[chat_id]
        return True

    def cancel_turn(self, chat_id: ChatId) -> None:
        """What the agent is thinking about is out of date."""
        turn = self._turns.pop(chat_id, None)
        if turn is not None:
            turn.cancel()

    def take_over(self, chat: Chat, why: AgentOffReason, reason: Code, detail: str | None = None) -> None:
        """Give the chat to the caller, whoever has it now."""
        dropped = "\n".join(message.text for message in queued(chat) if by_program(message)) or None
        self._ctx.publish(
            ChatAgentToggled(
                chat_id=chat.id,
                enabled=False,
                epoch=chat.epoch + 1,
                reason=reason,
                why=why,
                detail=detail,
                dropped=dropped if chat.agent_enabled else None,
            )
        )
        self._revoke(chat.id)

    def switch_off(self, chat_id: ChatId, why: AgentOffReason, detail: str, reason: Code | None = None) -> None:
        """Switch the agent off because it cannot go on: a person is needed. Nothing happens where it is off."""
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        if chat is not None and chat.is_open and chat.agent_enabled:
            self.take_over(chat, why, reason or why, detail)

    def hand_back(self, chat: Chat) -> None:
        """Switch the agent on again, in a new epoch: nothing that it queued before the take-over becomes valid again.

        There is nothing to revoke: the take-over did it, and the agent's next turn may be under way on return.
        """
        if not chat.agent_enabled:
            given = ChatAgentToggled(
                chat_id=chat.id, enabled=True, epoch=chat.epoch + 1, reason=HandoverReason.GIVEN_BACK
            )
            self._ctx.publish(given)

    def closed(self, _: Envelope, event: ChatClosed) -> None:
        """Nobody speaks in the chat any more; a closed chat never opens again."""
        self._revoke(event.chat_id)

    def fail_expired(self, chat: Chat) -> None:
        """Fail the queued messages that are not valid any more. What is being sent is settled by its answer."""
        for message in list(queued(chat)):
            rejection = expired(chat, message)
            if rejection is not None:
                self.expire(chat.id, message, rejection)

    def expire(self, chat_id: ChatId, message: Message, rejection: Rejection) -> None:
        """Fail a queued message for what `expired` said. A refused try does not prove that it has not arrived."""
        current = self._ctx.state.chats[chat_id].message(message.id)
        if current is None or current.delivery is not Delivery.QUEUED:
            return
        code: MessageCode = UNSENT[rejection.code]
        detail = rejection.message
        if message.was_refused:
            code = DoubtReason.IN_DOUBT
            detail += " An earlier try was not taken, as far as we were told, and was not looked up since."
        self._ctx.publish(ChatMessageFailed(chat_id=chat_id, message_id=message.id, reason=code, detail=detail))

    def _revoke(self, chat_id: ChatId) -> None:
        """Let nothing of the agent's from before go on."""
        self.cancel_turn(chat_id)
        self.fail_expired(self._ctx.state.chats[chat_id])
