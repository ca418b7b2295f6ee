"""The last check before the transport: a chat's own message, as it was queued, in the epoch that the chat is in."""

from __future__ import annotations

from kernel.commands import DeliverMessage
from kernel.hookspecs import Rejection
from kernel.rows import Chat, Delivery
from kernel.state import State
from plugins.dialogue.codes import DialogueRefusal
from plugins.dialogue.conversation import with_transport
from plugins.dialogue.ownership import expired


def not_deliverable(command: DeliverMessage, state: State) -> Rejection | None:
    """Why this must not be handed to the transport now.

    Called by a dry run while the message is queued; and by admission, after `chat.messageSending` is on disk and after
    the last `await` before the transport's handler runs.
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
