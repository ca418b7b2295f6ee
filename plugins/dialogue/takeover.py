"""Take-over: a chat changes hands, and once that is answered the agent says nothing more in it."""

from __future__ import annotations

import asyncio

from kernel.commands import Command, DeliverMessage, RetryMessage, SendMessage, ToggleAgent
from kernel.context import Context
from kernel.errors import Conflict, Forbidden, NotFound, Unfinished
from kernel.events import ChatAgentToggled, ChatMessageQueued
from kernel.ids import ChatId, MessageId, new_message_id
from kernel.origin import is_person
from kernel.rows import Chat, Delivery, Message, Sender
from plugins.dialogue.chats import Chats
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.outbox import Outbox


class TakeOver:
    """Carries out ToggleAgent, SendMessage and RetryMessage.

    The promise rests on three things: the epoch rises at once, so that the gate refuses whatever was made before;
    the agent's turn is cancelled (`Turns` hears of it) and what it had queued is failed; and the answer waits for a
    message that the transport holds at that moment.
    """

    def __init__(self, ctx: Context, config: DialogueConfig, outbox: Outbox, chats: Chats) -> None:
        self._ctx = ctx
        self._config = config
        self._outbox = outbox
        self._chats = chats

    async def toggle(self, command: ToggleAgent) -> None:
        chat = self.toggled(command)
        if command.enabled:
            self._give_back(chat)
            return
        if not chat.agent_enabled and is_person(chat.owner) and chat.owner != self._ctx.actor:
            self._take(chat, "takenFromColleague")
        elif chat.agent_enabled or chat.owner != self._ctx.actor:
            self._take(chat, "takenOver")
        await self._silence(chat.id)

    def toggled(self, command: ToggleAgent) -> Chat:
        """The chat, if whoever asks may have its agent switched so. Raises NotFound, Conflict or Forbidden."""
        chat = self._chat(command.chat_id)
        if not chat.is_open:
            raise Conflict("chatClosed", "The chat is closed: no agent says anything in it.", field="chatId")
        actor = self._ctx.actor
        if not command.enabled:
            others = not chat.agent_enabled and is_person(chat.owner) and chat.owner != actor
            if others and command.take_from != chat.owner:
                text = f"{chat.owner} has taken this chat over already; write in it all the same, or take it from them."
                raise Conflict("alreadyTaken", text, field="chatId")
            return chat
        if not chat.agent_enabled and chat.task_id is None:
            text = "This chat is about no task, so an agent has nothing to talk about."
            raise Conflict("noTask", text, field="chatId")
        if not chat.agent_enabled and is_person(chat.owner) and not is_person(actor):
            raise Forbidden("ownedByPerson", f"{chat.owner} has this chat, and only a person gives it back.")
        return chat

    async def send(self, command: SendMessage) -> MessageId:
        """Queue the message; that it was sent, or why not, is told by an event.

        What a person writes in a chat that has ended begins a new one with the player, if they are free.
        """
        chat = await self._taken_by_writing(command.chat_id)
        if not chat.is_open:
            chat = self._chats.begin_by_hand(chat)
        return self._queue(chat, command.text.strip())

    async def retry(self, command: RetryMessage) -> MessageId:
        """Queue once more what failed. Of two who ask for it, the second is told so: the player reads it once."""
        self.retried(command)
        chat = await self._taken_by_writing(command.chat_id)
        return self._queue(chat, self.retried(command).text, retry_of=command.message_id)

    def retried(self, command: RetryMessage) -> Message:
        """The message, if whoever asks may say it again. Raises Forbidden, NotFound or Conflict."""
        if not is_person(self._ctx.actor):
            text = f"{self._ctx.actor} is a program; what was lost is a person's to say again."
            raise Forbidden("personsOnly", text)
        failed = self._failed(command)
        if not self.writable(command.chat_id).is_open:
            text = "The chat has closed; write to the player anew, if that is still wanted."
            raise Conflict("chatClosed", text, field="chatId")
        return failed

    async def _taken_by_writing(self, chat_id: ChatId) -> Chat:
        """The chat, in the hands of the person who is about to write in it."""
        chat = self.writable(chat_id)
        if is_person(self._ctx.actor) and chat.agent_enabled:
            self._take(chat, "wroteByHand")
            await self._silence(chat.id)
            chat = self.writable(chat_id)
        return chat

    def _queue(self, chat: Chat, text: str, retry_of: MessageId | None = None) -> MessageId:
        message = Message(
            id=new_message_id(),
            sender=Sender.BOT,
            text=text,
            ts=self._ctx.clock.now(),
            author=self._ctx.actor,
            delivery=Delivery.QUEUED,
            epoch=chat.epoch,
        )
        self._ctx.publish(ChatMessageQueued(chat_id=chat.id, message=message, retry_of=retry_of))
        return message.id

    def _failed(self, command: RetryMessage) -> Message:
        """The message, if it has failed and nobody has said it again yet."""
        message = self._chat(command.chat_id).message(command.message_id)
        if message is None:
            raise NotFound("unknownMessage", "This message is not in the chat, or no longer.", field="messageId")
        if message.delivery is not Delivery.FAILED:
            text = "This message has not failed, so there is nothing to say again."
            raise Conflict("notFailed", text, field="messageId")
        if message.retried_as is not None:
            raise Conflict("alreadyRetried", "This has been sent again already.", field="messageId")
        return message

    def switch_off(self, chat_id: ChatId, reason: str) -> None:
        """Take the chat from its agent for want of one that can lead it: now a person is needed."""
        chat = self._ctx.state.chats[chat_id]
        if chat.is_open and chat.agent_enabled:
            self._take(chat, reason)

    def _give_back(self, chat: Chat) -> None:
        if not chat.agent_enabled:
            given = ChatAgentToggled(chat_id=chat.id, enabled=True, epoch=chat.epoch + 1, reason="givenBack")
            self._ctx.publish(given)

    def _take(self, chat: Chat, reason: str) -> None:
        """At once and without an await: from here on the gate lets no line of the agent's through."""
        dropped = self._outbox.undelivered(chat) if chat.agent_enabled else None
        self._ctx.publish(
            ChatAgentToggled(chat_id=chat.id, enabled=False, epoch=chat.epoch + 1, reason=reason, dropped=dropped)
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
                await self._ctx.router.settled(of_this_chat)
                if found:
                    await self._outbox.quiet(chat_id)  # so that what became of it is told before the answer
        except TimeoutError:
            text = "The chat is yours and the agent is off, but one message is still with Steam. Ask again in a moment."
            raise Unfinished("messageUnderWay", text, retry_after=1_000) from None

    def writable(self, chat_id: ChatId) -> Chat:
        """The chat, if whoever asks may write to its player."""
        chat = self._chat(chat_id)
        person = is_person(self._ctx.actor)
        if chat.bot_id not in self._ctx.state.bots:
            raise Conflict("botRemoved", "The bot of this chat was removed, so nothing can be sent.", field="chatId")
        if not chat.is_open:
            if not person:
                raise Conflict("chatClosed", "The chat is closed, so no program writes in it.", field="chatId")
            index = self._ctx.state.index
            if chat.player in index.open_task_of_player or chat.player in index.open_chat_of_player:
                text = "The player is in another chat now, or about to be; write to them there."
                raise Conflict("playerBusy", text, field="chatId")
        elif not person and not chat.agent_enabled:
            raise Conflict(
                "takenOver", "The chat is not in an agent's hands, so no program writes in it.", field="chatId"
            )
        return chat

    def _chat(self, chat_id: ChatId) -> Chat:
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        if chat is None:
            raise NotFound("unknownChat", f"There is no chat {chat_id}.", field="chatId")
        return chat
