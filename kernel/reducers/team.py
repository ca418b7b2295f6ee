"""How events about what our own people share change the state: notes, what was read, canned replies."""

from __future__ import annotations

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.events import Envelope
from kernel.reducers.register import known_chat, reduces
from kernel.rows import NOTES_KEPT, CannedReply, Note, Operator
from kernel.state import State


@reduces(e.ChatNoteAdded)
def note_added(state: State, envelope: Envelope, event: e.ChatNoteAdded) -> None:
    notes = known_chat(state, event.chat_id).notes
    note = Note(id=event.note_id, text=event.text, ts=envelope.ts, author=envelope.actor)
    state.chats.update(event.chat_id, notes=(*notes[-(NOTES_KEPT - 1) :], note))


@reduces(e.ChatNoteRemoved)
def note_removed(state: State, envelope: Envelope, event: e.ChatNoteRemoved) -> None:
    notes = known_chat(state, event.chat_id).notes
    state.chats.update(event.chat_id, notes=tuple(note for note in notes if note.id != event.note_id))


@reduces(e.ChatRead)
def chat_read(state: State, envelope: Envelope, event: e.ChatRead) -> None:
    read = known_chat(state, event.chat_id).read
    state.chats.update(event.chat_id, read={**read, envelope.actor: event.up_to})


@reduces(e.OperatorCaughtUp)
def operator_caught_up(state: State, envelope: Envelope, event: e.OperatorCaughtUp) -> None:
    state.operators.put(Operator(actor=envelope.actor, caught_up_at=envelope.ts))


@reduces(e.CannedReplySaved)
def canned_reply_saved(state: State, envelope: Envelope, event: e.CannedReplySaved) -> None:
    state.replies.put(
        CannedReply(
            id=event.reply_id, title=event.title, text=event.text, saved_at=envelope.ts, saved_by=envelope.actor
        )
    )


@reduces(e.CannedReplyRemoved)
def canned_reply_removed(state: State, envelope: Envelope, event: e.CannedReplyRemoved) -> None:
    if event.reply_id not in state.replies:
        raise IllegalTransition(f"there is no canned reply {event.reply_id}")
    state.replies.drop(event.reply_id)
