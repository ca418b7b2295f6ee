"""Who of our people sees to which chat, and when: put off, handed over, called by name in a note."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kernel.causality import is_person
from kernel.clock import DAY, Millis
from kernel.codes import KernelRefusal
from kernel.commands import AssignChat, MarkMentionRead, SnoozeChat, ToggleAgent, UnsnoozeChat
from kernel.context import Context
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.events import (
    ChatAssigned,
    ChatMentioned,
    ChatMentionRead,
    ChatNoteAdded,
    ChatSnoozed,
    ChatSnoozeExpired,
    ChatUnsnoozed,
    Envelope,
)
from kernel.ids import ChatId, NoteId
from kernel.rows import Chat
from plugins.team.codes import TeamRefusal

LONGEST_SNOOZE: Final = 90 * DAY
"""What is put off for longer is hardly meant so."""
_NAME: Final = re.compile(r"(?<![\w@.])@([\w.-]{1,64})")


class ChatSharing:
    """Carries out the commands of `kernel.commands.desk`, and ends snoozes at their time."""

    def __init__(self, ctx: Context, chat_of: Callable[[ChatId], Chat]) -> None:
        self._ctx = ctx
        self._chat_of = chat_of

    def open(self) -> None:
        """Take the commands, and watch what is put off already."""
        ctx = self._ctx
        ctx.handle(SnoozeChat, self.snooze, check=self._to_snooze)
        ctx.handle(UnsnoozeChat, self.unsnooze, check=self._known_to_a_person)
        ctx.handle(AssignChat, self.assign, check=self._to_assign)
        ctx.handle(MarkMentionRead, self.mark_mention_read, check=self._known_to_a_person)
        ctx.subscribe(ChatSnoozed, self._wait)
        ctx.when_up(self._catch_up)

    def snooze(self, command: SnoozeChat) -> None:
        """Whoever puts it off has seen what they were called to it for."""
        self._to_snooze(command)
        self.mark_mention_read(command)
        self._ctx.publish(ChatSnoozed(chat_id=command.chat_id, until=command.until))

    def unsnooze(self, command: UnsnoozeChat) -> None:
        if self._known_to_a_person(command).snooze is not None:
            self._ctx.publish(ChatUnsnoozed(chat_id=command.chat_id))

    async def assign(self, command: AssignChat) -> None:
        """The agent is switched off before, and says nothing more, as in every take-over."""
        chat = self._to_assign(command)
        if not is_person(chat.owner):
            await self._ctx.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor=self._ctx.actor)
            self._to_assign(command)
        note_id = None
        if command.note is not None:
            note_id = NoteId(self._ctx.new_id("note"))
            self._ctx.publish(ChatNoteAdded(chat_id=chat.id, note_id=note_id, text=command.note.strip()))
            self.mention(chat.id, note_id, command.note, without=command.to)
        self._ctx.publish(ChatAssigned(chat_id=chat.id, to=command.to, note_id=note_id))

    def mark_mention_read(self, command: MarkMentionRead | SnoozeChat) -> None:
        chat = self._known_to_a_person(command)
        if any(mention.operator == self._ctx.actor for mention in chat.mentions):
            self._ctx.publish(ChatMentionRead(chat_id=chat.id))

    def mention(self, chat_id: ChatId, note_id: NoteId, text: str, *, without: str | None = None) -> None:
        """Call those of our people whom the note names as `@name`, but for its author and `without`."""
        named = {name.rstrip(".-").casefold() for name in _NAME.findall(text)}
        called = tuple(
            actor
            for actor in sorted(self._ctx.state.operators)
            if actor not in {self._ctx.actor, without} and actor.partition(":")[2].casefold() in named
        )
        if called:
            self._ctx.publish(ChatMentioned(chat_id=chat_id, operators=called, note_id=note_id))

    def _to_snooze(self, command: SnoozeChat) -> None:
        self._known_to_a_person(command)
        now = self._ctx.clock.now()
        if command.until is not None and not now < command.until <= now + LONGEST_SNOOZE:
            text = "A chat is put off until a time to come, 90 days from now at the latest."
            raise Conflict(TeamRefusal.NO_TIME_TO_COME, text, field="until")

    def _to_assign(self, command: AssignChat) -> Chat:
        chat = self._known_to_a_person(command)
        if not chat.is_open:
            raise Conflict(KernelRefusal.CHAT_CLOSED, "The chat is closed: nobody leads it any more.", field="chatId")
        if command.to not in self._ctx.state.operators or not is_person(command.to):
            text = f"There is no operator {command.to} who has worked here yet."
            raise NotFound(TeamRefusal.UNKNOWN_OPERATOR, text, field="to")
        if is_person(chat.owner) and chat.owner != self._ctx.actor:
            text = f"{chat.owner} leads this chat: take it first, then hand it over."
            raise Conflict(TeamRefusal.LED_BY_COLLEAGUE, text, field="chatId")
        return chat

    def _known_to_a_person(self, command: SnoozeChat | UnsnoozeChat | AssignChat | MarkMentionRead) -> Chat:
        if not is_person(self._ctx.actor):
            text = f"{self._ctx.actor} is a program; {command.kind} is for operators, and for notebooks, by name."
            raise Forbidden(KernelRefusal.PERSONS_ONLY, text)
        return self._chat_of(command.chat_id)

    def _catch_up(self) -> None:
        for chat in self._ctx.state.chats.values():
            if chat.snooze is not None and chat.snooze.due_at is None:
                self._expire_at(chat.id, chat.snooze.until)

    def _wait(self, _: Envelope, event: ChatSnoozed) -> None:
        self._expire_at(event.chat_id, event.until)

    def _expire_at(self, chat_id: ChatId, until: Millis | None) -> None:
        if until is not None:
            span = max(0, until - self._ctx.clock.now())
            self._ctx.call_later(span, lambda: self._expire(chat_id, until), f"snooze of {chat_id}")

    def _expire(self, chat_id: ChatId, until: Millis) -> None:
        """Its time is over, unless the chat was put off anew or taken up since. The wall's clock may have stepped."""
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        snooze = chat.snooze if chat is not None else None
        if snooze is None or snooze.until != until or snooze.due_at is not None:
            return
        if self._ctx.clock.now() < until:
            self._expire_at(chat_id, until)
        else:
            self._ctx.publish(ChatSnoozeExpired(chat_id=chat_id))
