"""The plugin `team`: carries out the commands by which operators tell each other something, and nobody else."""

from __future__ import annotations

from typing import Final

from kernel.causality import is_person
from kernel.codes import KernelRefusal
from kernel.commands import (
    AddNote,
    Command,
    MarkAllRead,
    MarkRead,
    RemoveCannedReply,
    RemoveNote,
    SaveCannedReply,
)
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.events import (
    CannedReplyRemoved,
    CannedReplySaved,
    ChatNoteAdded,
    ChatNoteRemoved,
    ChatRead,
    OperatorCaughtUp,
)
from kernel.ids import ChatId, MessageId, NoteId, ReplyId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import Chat
from plugins.team.codes import TeamRefusal
from plugins.team.desk import ChatSharing

REPLIES_KEPT: Final = 500
"""How many canned replies there may be: each page has all of them."""


class Team(Plugin[PluginConfig]):
    """Notes, what was read, canned replies, whose a chat is. A program may leave a note; the rest is for people."""

    async def start(self) -> None:
        self.desk = ChatSharing(self.ctx, self._chat)
        self.desk.open()
        self.ctx.handle(AddNote, self.add_note, check=lambda command: self._chat(command.chat_id))
        self.ctx.handle(RemoveNote, self.remove_note, check=self._noted)
        self.ctx.handle(MarkRead, self.mark_read, check=self._place)
        self.ctx.handle(MarkAllRead, self.mark_all_read, check=self._only_a_person)
        self.ctx.handle(SaveCannedReply, self.save_reply, check=self._new_reply)
        self.ctx.handle(RemoveCannedReply, self.remove_reply, check=self._known_reply)

    def add_note(self, command: AddNote) -> NoteId:
        chat = self._chat(command.chat_id)
        note_id = NoteId(self.ctx.new_id("note"))
        self.ctx.publish(ChatNoteAdded(chat_id=chat.id, note_id=note_id, text=command.text.strip()))
        self.desk.mention(chat.id, note_id, command.text)
        return note_id

    def remove_note(self, command: RemoveNote) -> None:
        self._noted(command)
        self.ctx.publish(ChatNoteRemoved(chat_id=command.chat_id, note_id=command.note_id))

    def _noted(self, command: RemoveNote) -> None:
        self._only_a_person(command)
        if all(note.id != command.note_id for note in self._chat(command.chat_id).notes):
            raise NotFound(TeamRefusal.UNKNOWN_NOTE, "This note is not in the chat, or no longer.", field="noteId")

    def mark_read(self, command: MarkRead) -> None:
        """A mark that is behind the one there is changes nothing: two pages of one operator may be open."""
        places = self._place(command)
        before = self._chat(command.chat_id).read.get(self.ctx.actor)
        if before is None or places.get(before, -1) < places[command.up_to]:
            self.ctx.publish(ChatRead(chat_id=command.chat_id, up_to=command.up_to))

    def _place(self, command: MarkRead) -> dict[MessageId, int]:
        """Where each message stands in the chat; the one that was read is among them."""
        self._only_a_person(command)
        places = {message.id: place for place, message in enumerate(self._chat(command.chat_id).messages)}
        if command.up_to not in places:
            raise NotFound(
                KernelRefusal.UNKNOWN_MESSAGE, "This message is not in the chat, or no longer.", field="upTo"
            )
        return places

    def mark_all_read(self, command: MarkAllRead) -> None:
        self._only_a_person(command)
        self.ctx.publish(OperatorCaughtUp())

    def save_reply(self, command: SaveCannedReply) -> ReplyId:
        self._new_reply(command)
        reply_id = command.reply_id or ReplyId(self.ctx.new_id("reply"))
        title, text = command.title.strip(), command.text.strip()
        self.ctx.publish(CannedReplySaved(reply_id=reply_id, title=title, text=text))
        return reply_id

    def _new_reply(self, command: SaveCannedReply) -> None:
        self._only_a_person(command)
        replies = self.ctx.state.replies
        if command.reply_id is not None:
            self._known(command.reply_id)
        elif len(replies) >= REPLIES_KEPT:
            said = f"There are {REPLIES_KEPT} canned replies already; remove one that is not needed first."
            raise Conflict(TeamRefusal.TOO_MANY_REPLIES, said)
        for reply in replies.values():
            if reply.title.casefold() == command.title.strip().casefold() and reply.id != command.reply_id:
                said = f"There is a canned reply “{reply.title}” already; give this one another title."
                raise Conflict(TeamRefusal.TITLE_TAKEN, said, field="title")

    def remove_reply(self, command: RemoveCannedReply) -> None:
        self._known_reply(command)
        self.ctx.publish(CannedReplyRemoved(reply_id=command.reply_id))

    def _known_reply(self, command: RemoveCannedReply) -> None:
        self._only_a_person(command)
        self._known(command.reply_id)

    def _chat(self, chat_id: ChatId) -> Chat:
        chat: Chat | None = self.ctx.state.chats.get(chat_id)
        if chat is None:
            text = f"There is no chat {chat_id}."
            raise self.ctx.hooks.not_there(chat_id, KernelRefusal.UNKNOWN_CHAT, text, "chatId")
        return chat

    def _known(self, reply_id: ReplyId) -> None:
        if reply_id not in self.ctx.state.replies:
            raise NotFound(TeamRefusal.UNKNOWN_REPLY, "This canned reply is not there, or no longer.", field="replyId")

    def _only_a_person(self, command: Command[object]) -> None:
        if not is_person(self.ctx.actor):
            text = f"{self.ctx.actor} is a program; {command.kind} is for operators, and for notebooks, by name."
            raise Forbidden(KernelRefusal.PERSONS_ONLY, text)
