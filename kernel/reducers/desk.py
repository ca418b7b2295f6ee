"""How events about who of our people sees to which chat change the state."""

from __future__ import annotations

from msgspec.structs import replace

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.events import Envelope
from kernel.ids import ChatId
from kernel.reducers.register import known_chat, reduces
from kernel.rows import Mention, MentionReason, Snooze
from kernel.state import State


@reduces(e.ChatSnoozed)
def chat_snoozed(state: State, envelope: Envelope, event: e.ChatSnoozed) -> None:
    known_chat(state, event.chat_id)
    snooze = Snooze(until=event.until, since=envelope.ts, by=envelope.actor)
    state.chats.update(event.chat_id, snooze=snooze)


@reduces(e.ChatSnoozeExpired)
def chat_snooze_expired(state: State, envelope: Envelope, event: e.ChatSnoozeExpired) -> None:
    snooze = known_chat(state, event.chat_id).snooze
    if snooze is None:
        raise IllegalTransition(f"chat {event.chat_id} is not snoozed")
    state.chats.update(event.chat_id, snooze=replace(snooze, due_at=envelope.ts))


@reduces(e.ChatUnsnoozed)
def chat_unsnoozed(state: State, envelope: Envelope, event: e.ChatUnsnoozed) -> None:
    known_chat(state, event.chat_id)
    state.chats.update(event.chat_id, snooze=None)


@reduces(e.ChatAssigned)
def chat_assigned(state: State, envelope: Envelope, event: e.ChatAssigned) -> None:
    chat = known_chat(state, event.chat_id)
    if not chat.is_open or chat.agent_enabled:
        raise IllegalTransition(f"chat {event.chat_id} is led by no person, and cannot be handed to one")
    state.chats.update(event.chat_id, owner=event.to, snooze=None)
    if event.to != envelope.actor:
        mention = Mention(
            operator=event.to,
            why=MentionReason.ASSIGNED,
            since=envelope.ts,
            by=envelope.actor,
            note_id=event.note_id,
        )
        _mention(state, event.chat_id, mention)


@reduces(e.ChatMentioned)
def chat_mentioned(state: State, envelope: Envelope, event: e.ChatMentioned) -> None:
    known_chat(state, event.chat_id)
    for operator in event.operators:
        mention = Mention(
            operator=operator,
            why=MentionReason.NAMED,
            since=envelope.ts,
            by=envelope.actor,
            note_id=event.note_id,
        )
        _mention(state, event.chat_id, mention)


@reduces(e.ChatMentionRead)
def chat_mention_read(state: State, envelope: Envelope, event: e.ChatMentionRead) -> None:
    known_chat(state, event.chat_id)
    _forget(state, event.chat_id, envelope.actor)


def _mention(state: State, chat_id: ChatId, mention: Mention) -> None:
    """The latest call of an operator takes the place of the one before."""
    _forget(state, chat_id, mention.operator)
    state.chats.update(chat_id, mentions=(*state.chats[chat_id].mentions, mention))


def _forget(state: State, chat_id: ChatId, operator: str) -> None:
    mentions = tuple(one for one in state.chats[chat_id].mentions if one.operator != operator)
    state.chats.update(chat_id, mentions=mentions)
