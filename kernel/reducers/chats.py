"""How events about chats, their messages and the script change the state."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.ids import ChatId
from kernel.reducers.register import known_bot, known_chat, known_task, reduces
from kernel.rows import MESSAGES_KEPT, Chat, ChatStatus, Delivery, Message
from kernel.state import State


@reduces(e.ChatStarted)
def chat_started(state: State, envelope: e.Envelope, event: e.ChatStarted) -> None:
    if event.chat_id in state.chats:
        raise IllegalTransition(f"chat {event.chat_id} is there already")
    known_bot(state, event.bot_id)
    state.chats.put(
        Chat(
            id=event.chat_id,
            bot_id=event.bot_id,
            player=event.player,
            task_id=event.task_id,
            agent_enabled=event.agent_enabled,
            started_at=envelope.ts,
        )
    )
    if event.task_id is not None:
        known_task(state, event.task_id)
        state.tasks.update(event.task_id, chat_id=event.chat_id)


@reduces(e.ChatClosed)
def chat_closed(state: State, envelope: e.Envelope, event: e.ChatClosed) -> None:
    if not known_chat(state, event.chat_id).is_open:
        raise IllegalTransition(f"chat {event.chat_id} is closed already")
    state.chats.update(
        event.chat_id, status=ChatStatus.CLOSED, closed_at=envelope.ts, agent_enabled=False, turn_at=None
    )


def _append(state: State, chat_id: ChatId, message: Message) -> None:
    chat = known_chat(state, chat_id)
    kept = chat.messages[1 - MESSAGES_KEPT :] if len(chat.messages) >= MESSAGES_KEPT else chat.messages
    state.chats.update(chat_id, messages=(*kept, message))


def _settle(state: State, chat_id: ChatId, message_id: str, **fields: Any) -> None:
    chat = known_chat(state, chat_id)
    messages = tuple(replace(m, **fields) if m.id == message_id else m for m in chat.messages)
    state.chats.update(chat_id, messages=messages)


@reduces(e.ChatMessageReceived)
def message_received(state: State, envelope: e.Envelope, event: e.ChatMessageReceived) -> None:
    _append(state, event.chat_id, event.message)
    state.chats.update(event.chat_id, turn_at=None)


@reduces(e.ChatMessageEchoed)
def message_echoed(state: State, envelope: e.Envelope, event: e.ChatMessageEchoed) -> None:
    _append(state, event.chat_id, event.message)


@reduces(e.ChatMessageQueued)
def message_queued(state: State, envelope: e.Envelope, event: e.ChatMessageQueued) -> None:
    _append(state, event.chat_id, event.message)
    if event.retry_of is not None:
        _settle(state, event.chat_id, event.retry_of, retried_as=event.message.id)


@reduces(e.ChatMessageSent)
def message_sent(state: State, envelope: e.Envelope, event: e.ChatMessageSent) -> None:
    _settle(
        state,
        event.chat_id,
        event.message_id,
        delivery=Delivery.SENT,
        steam_ts=event.steam_ts,
        ordinal=event.ordinal,
    )


@reduces(e.ChatMessageFailed)
def message_failed(state: State, envelope: e.Envelope, event: e.ChatMessageFailed) -> None:
    _settle(state, event.chat_id, event.message_id, delivery=Delivery.FAILED, error=event.detail, reason=event.reason)


@reduces(e.ChatAgentToggled)
def agent_toggled(state: State, envelope: e.Envelope, event: e.ChatAgentToggled) -> None:
    chat = known_chat(state, event.chat_id)
    if event.epoch != chat.epoch + 1:
        raise IllegalTransition(f"chat {event.chat_id} is in epoch {chat.epoch}, the next is not {event.epoch}")
    state.chats.update(
        event.chat_id,
        agent_enabled=event.enabled,
        epoch=event.epoch,
        owner=None if event.enabled else envelope.actor,
        turn_at=None,
    )


@reduces(e.DialogScriptAdvanced)
def script_advanced(state: State, envelope: e.Envelope, event: e.DialogScriptAdvanced) -> None:
    known_chat(state, event.chat_id)
    state.chats.update(event.chat_id, script_step=event.step, agent=event.agent, turn_at=event.wait_until)


@reduces(e.DialogScriptCompleted)
def script_completed(state: State, envelope: e.Envelope, event: e.DialogScriptCompleted) -> None:
    known_chat(state, event.chat_id)
    state.chats.update(event.chat_id, agent=event.agent, turn_at=None)
