"""Writing to players: SendMessage, RetryMessage and DiscardMessage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from kernel.causality import is_person
from kernel.codes import DoubtReason, KernelRefusal
from kernel.commands import DiscardMessage, RetryMessage, SendMessage
from kernel.context import Context
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.events import ChatMessageFailed, ChatMessageQueued
from kernel.ids import ChatId, MessageId
from kernel.rows import Attempt, Chat, Delivery, Message, Sender
from plugins.dialogue.chats import Chats
from plugins.dialogue.codes import DialogueRefusal, UnsentReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import known_chat, with_transport
from plugins.dialogue.takeover import TakeOver

DISCARDED = (UnsentReason.DISCARDED, DoubtReason.DISCARDED_IN_DOUBT)


class Writing:
    """Queues messages in a chat by command, and takes them back.

    `read_history` reads Steam's history, where that can be done now.
    """

    def __init__(
        self,
        ctx: Context,
        config: DialogueConfig,
        take_over: TakeOver,
        chats: Chats,
        read_history: Callable[[ChatId], Awaitable[None]],
    ) -> None:
        self._ctx = ctx
        self._config = config
        self._take_over = take_over
        self._chats = chats
        self._read_history = read_history

    async def send(self, command: SendMessage) -> MessageId:
        """Queue the message; that it was sent, or why not, is told by an event.

        What a person writes in a chat that has ended begins a new one with the player, if they are free. All of it
        happens in one step, so that nothing has changed when it is refused; the answer waits for what is in flight.
        """
        message_id, begun = self._new_message_id(), ChatId(self._ctx.new_id("chat"))
        chat_id = begun if begun in self._ctx.state.chats else command.chat_id
        if self._is_queued(chat_id, message_id):
            await self._take_over.settled(chat_id)
            return message_id
        chat = self._writable(chat_id)
        if not chat.is_open:
            chat = self._chats.begin_manually(chat, begun)
        await self._write(chat, message_id, command.text.strip())
        return message_id

    def sent(self, command: SendMessage) -> Chat:
        """The chat to write in, if whoever asks may. Raises NotFound or Conflict."""
        return self._writable(command.chat_id)

    async def retry(self, command: RetryMessage) -> MessageId:
        """Queue once more what failed. Of two who ask for it, the second is told so: the player reads it once."""
        message_id = self._new_message_id()
        if self._is_queued(command.chat_id, message_id):
            await self._take_over.settled(command.chat_id)
            return message_id
        if self.retried(command).may_be_there:
            await self._read_history(command.chat_id)
            there = self._message(command.chat_id, command.message_id)
            if there.delivery is Delivery.SENT:
                return there.id
        again = self.retried(command)
        await self._write(known_chat(self._ctx, command.chat_id), message_id, again.text, retry_of=again.id)
        return message_id

    def retried(self, command: RetryMessage) -> Message:
        """The message, if whoever asks may say it again. Raises Forbidden, NotFound or Conflict."""
        self._only_a_person("what was lost is a person's to say again")
        message = self._message(command.chat_id, command.message_id)
        if message.delivery not in {Delivery.FAILED, Delivery.IN_DOUBT}:
            text = "This message has not failed, so there is nothing to say again."
            raise Conflict(DialogueRefusal.NOT_FAILED, text, field="messageId")
        if message.retried_as is not None:
            raise Conflict(DialogueRefusal.ALREADY_RETRIED, "This has been sent again already.", field="messageId")
        if not self._writable(command.chat_id, leaving=message).is_open:
            text = "The chat has closed; write to the player anew, if that is still wanted."
            raise Conflict(KernelRefusal.CHAT_CLOSED, text, field="chatId")
        return message

    def discard(self, command: DiscardMessage) -> None:
        """Discarding twice is discarding once."""
        message = self.discarded(command)
        if message.reason in DISCARDED:
            return
        actor = self._ctx.actor
        if message.may_be_there or message.was_refused:
            reason: DoubtReason | UnsentReason = DoubtReason.DISCARDED_IN_DOUBT
            text = f"It may or may not have arrived; {actor} left it at that."
        else:
            reason = UnsentReason.DISCARDED
            text = f"{actor} took it back before it was sent."
        discarded = ChatMessageFailed(chat_id=command.chat_id, message_id=message.id, reason=reason, detail=text)
        self._ctx.publish(discarded)

    def discarded(self, command: DiscardMessage) -> Message:
        """The message, if whoever asks may discard it. Raises Forbidden, NotFound or Conflict."""
        self._only_a_person("what becomes of a message is a person's to decide")
        message = self._message(command.chat_id, command.message_id)
        if with_transport(message):
            text = "This message is being handed to Steam at this moment. Ask again when it is known what became of it."
            raise Conflict(DialogueRefusal.BEING_SENT, text, field="messageId")
        if not message.is_owed and message.reason not in DISCARDED:
            text = "Nothing is to become of this message any more, so there is nothing to discard."
            raise Conflict(DialogueRefusal.NOTHING_TO_DISCARD, text, field="messageId")
        return message

    def _writable(self, chat_id: ChatId, *, leaving: Message | None = None) -> Chat:
        """The chat, if whoever asks may write to its player. `leaving` makes room for what is said in its place."""
        chat = known_chat(self._ctx, chat_id)
        person = is_person(self._ctx.actor)
        if chat.bot_id not in self._ctx.state.bots:
            raise Conflict(
                KernelRefusal.BOT_REMOVED, "The bot of this chat was removed, so nothing can be sent.", field="chatId"
            )
        if not chat.is_open:
            if not person:
                raise Conflict(
                    KernelRefusal.CHAT_CLOSED, "The chat is closed, so no program writes in it.", field="chatId"
                )
            index = self._ctx.state.index
            if chat.player in index.open_task_of_player or chat.player in index.open_chat_of_player:
                text = "The player is in another chat now, or about to be; write to them there."
                raise Conflict(KernelRefusal.PLAYER_BUSY, text, field="chatId")
        elif not person and not chat.agent_enabled:
            text = "The chat is not in an agent's hands, so no program writes in it."
            raise Conflict(DialogueRefusal.TAKEN_OVER, text, field="chatId")
        owed = sum(message.is_owed and message is not leaving for message in chat.messages)
        if chat.is_open and owed >= self._config.queue_most:
            text = f"{owed} messages of this chat wait already: to be sent, or for somebody to decide about them."
            raise Conflict(DialogueRefusal.TOO_MANY_QUEUED, text, field="chatId")
        return chat

    def _is_queued(self, chat_id: ChatId, message_id: MessageId) -> bool:
        """The command is asked again under its id, for its answer was `Unfinished` or got lost."""
        return known_chat(self._ctx, chat_id).message(message_id) is not None

    async def _write(self, chat: Chat, message_id: MessageId, text: str, retry_of: MessageId | None = None) -> None:
        """Take the chat from its agent and queue the message, in one step; return when nothing of before is in flight.

        Raises Unfinished at the deadline: the message is queued.
        """
        taken = self._take_over.take_by_writing(chat)
        self._queue(self._ctx.state.chats[chat.id], message_id, text, retry_of)
        if taken:
            await self._take_over.settled(chat.id)

    def _queue(self, chat: Chat, message_id: MessageId, text: str, retry_of: MessageId | None) -> None:
        message = Message(
            id=message_id,
            sender=Sender.BOT,
            text=text,
            ts=self._ctx.clock.now(),
            author=self._ctx.actor,
            delivery=Delivery.QUEUED,
            epoch=chat.epoch,
            attempt=Attempt(),
        )
        self._ctx.publish(ChatMessageQueued(chat_id=chat.id, message=message, retry_of=retry_of))

    def _new_message_id(self) -> MessageId:
        return MessageId(self._ctx.new_id("msg"))

    def _message(self, chat_id: ChatId, message_id: MessageId) -> Message:
        message = known_chat(self._ctx, chat_id).message(message_id)
        if message is None:
            raise NotFound(
                KernelRefusal.UNKNOWN_MESSAGE, "This message is not in the chat, or no longer.", field="messageId"
            )
        return message

    def _only_a_person(self, why: str) -> None:
        if not is_person(self._ctx.actor):
            raise Forbidden(KernelRefusal.PERSONS_ONLY, f"{self._ctx.actor} is a program; {why}.")
