"""The one gate through which messages leave: what a chat has decided, in the epoch that it is in, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kernel.codes import KernelRefusal
from kernel.commands import DeliverMessage
from kernel.hookspecs import Rejection
from kernel.rows import Chat, Delivery, Message
from kernel.state import State
from plugins.dialogue.codes import DialogueRefusal, UnsentReason
from plugins.dialogue.conversation import by_program, with_transport

TAKEN_OVER: Final = Rejection(
    "The agent no longer led this chat when this was to be sent.", code=DialogueRefusal.TAKEN_OVER
)
CHAT_CLOSED: Final = Rejection("The chat was closed before this was sent.", code=KernelRefusal.CHAT_CLOSED)
UNSENT: Final[Mapping[str, UnsentReason]] = {
    TAKEN_OVER.code: UnsentReason.TAKEN_OVER,
    CHAT_CLOSED.code: UnsentReason.CHAT_CLOSED,
}
"""What `expired` objects for, as the reason in the row of the message."""


def expired(chat: Chat, message: Message) -> Rejection | None:
    """Why a message must not be sent any more.

    A program's line is good only in the epoch in which it was made, while the agent leads. A person's line stays
    good when the chat changes hands behind it.
    """
    if not chat.is_open:
        return CHAT_CLOSED
    if by_program(message) and not (chat.agent_enabled and message.epoch == chat.epoch):
        return TAKEN_OVER
    return None


def objection(command: DeliverMessage, state: State) -> Rejection | None:
    """Why this may not be handed to Steam now.

    Asked beforehand of what is queued; then it is written down that it leaves, and it is asked again after the last
    `await` before the transport's handler runs.
    """
    chat: Chat | None = state.chats.get(command.chat_id)
    message = chat.message(command.message_id) if chat is not None else None
    if chat is None or message is None:
        return Rejection(f"No chat has decided to send {command.message_id}.", code=DialogueRefusal.NOT_QUEUED)
    if message.delivery is not Delivery.QUEUED and not with_transport(message):
        return Rejection(
            f"Message {message.id} waits no longer: it is {message.delivery}.", code=DialogueRefusal.NOT_QUEUED
        )
    if (command.bot_id, command.player, command.text) != (chat.bot_id, chat.player, message.text):
        return Rejection(
            f"This is not what the chat decided to send as {message.id}.", code=DialogueRefusal.NOT_AS_QUEUED
        )
    return expired(chat, message)
