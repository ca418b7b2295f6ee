"""Events about chats at a start; the reducers are in `kernel.reducers.chats`."""

from __future__ import annotations

from typing import Final

from kernel import events as e
from kernel.ids import ChatId, SteamId64, account_number
from kernel.reducers.chats import last_steam_ts
from kernel.replay.forms import Placed, Tables, force_setattr, replays
from kernel.rows import MESSAGES_KEPT, Attempt, Chat, ChatStatus, Delivery

# an enum's member costs ten times as much to look up
OPEN: Final = ChatStatus.OPEN
CLOSED: Final = ChatStatus.CLOSED
SENDING: Final = Delivery.SENDING
SENT: Final = Delivery.SENT


@replays(e.ChatStarted)
def chat_started(tables: Tables, wire: Placed, event: e.ChatStarted) -> bool:
    bot = tables.bots.get(event.bot_id)
    task = tables.tasks.get(event.task_id) if event.task_id is not None else None
    if bot is None or task is None or not event.agent_enabled or event.chat_id in tables.chats:
        return False
    tables.chats[event.chat_id] = chat = Chat(
        id=event.chat_id,
        bot_id=event.bot_id,
        account=bot.steam_id64,
        player=event.player,
        task_id=event.task_id,
        agent_enabled=True,
        started_at=wire.ts,
    )
    tables.index.chat_came(chat)
    force_setattr(task, "chat_id", event.chat_id)
    return True


@replays(e.ChatClosed)
def chat_closed(tables: Tables, wire: Placed, event: e.ChatClosed) -> bool:
    chat = tables.chats.get(event.chat_id)
    if chat is None or chat.status is not OPEN:
        return False
    tables.index.chat_moves(chat, CLOSED, agent_enabled=False)
    force_setattr(chat, "status", CLOSED)
    force_setattr(chat, "closed_at", wire.ts)
    force_setattr(chat, "agent_enabled", False)
    if chat.turn_at is not None:
        force_setattr(chat, "turn_at", None)
    return True


@replays(e.ChatArchived)
def chat_archived(tables: Tables, wire: Placed, event: e.ChatArchived) -> bool:
    going: dict[ChatId, tuple[Chat, SteamId64, int]] = {}
    for chat_id in event.chat_ids:
        chat = tables.chats.get(chat_id)
        number = account_number(chat.player) if chat is not None else None
        if chat is None or number is None or chat.status is OPEN or chat.account is None:
            return False
        player = tables.players.get(chat.player)
        if player is not None and player.cleared_at is not None:
            return False  # their row knows among whom they were cleared
        going[chat_id] = chat, chat.account, number
    if len(going) != len(event.chat_ids):
        return False
    for chat_id, (chat, account, number) in going.items():
        del tables.chats[chat_id]
        tables.index.chat_left(chat)
        closed_at, last = chat.closed_at or 0, chat.messages[-1].ts if chat.messages else 0
        tables.remembered.met_in_chat(number, max(closed_at, last))
        tables.met.add(account, number, max(_last_steam_ts(chat), event.heard.get(account, 0)))
    return True


def _last_steam_ts(chat: Chat) -> int:
    if chat.forgotten is not None:
        return last_steam_ts(chat)
    latest = 0
    for message in chat.messages:
        if message.steam_ts is not None and message.steam_ts > latest:
            latest = message.steam_ts
    return latest


@replays(e.ChatMessageReceived)
def message_received(tables: Tables, wire: Placed, event: e.ChatMessageReceived) -> bool:
    chat = tables.chats.get(event.chat_id)
    if chat is None or len(chat.messages) >= MESSAGES_KEPT:
        return False
    force_setattr(chat, "messages", (*chat.messages, event.message))
    if chat.turn_at is not None:
        force_setattr(chat, "turn_at", None)
    if chat.snooze is not None:
        force_setattr(chat, "snooze", None)
    return True


@replays(e.ChatMessageEchoed)
def message_echoed(tables: Tables, wire: Placed, event: e.ChatMessageEchoed) -> bool:
    chat = tables.chats.get(event.chat_id)
    if chat is None or len(chat.messages) >= MESSAGES_KEPT:
        return False
    force_setattr(chat, "messages", (*chat.messages, event.message))
    return True


@replays(e.ChatMessageQueued)
def message_queued(tables: Tables, wire: Placed, event: e.ChatMessageQueued) -> bool:
    chat = tables.chats.get(event.chat_id)
    if chat is None or chat.snooze is not None or event.retry_of is not None or len(chat.messages) >= MESSAGES_KEPT:
        return False
    force_setattr(chat, "messages", (*chat.messages, event.message))
    return True


@replays(e.ChatMessageSending)
def message_sending(tables: Tables, wire: Placed, event: e.ChatMessageSending) -> bool:
    chat, message_id = tables.chats.get(event.chat_id), event.message_id
    if chat is None:
        return False
    refusals: int | None = None
    for message in reversed(chat.messages):
        if message.id == message_id:
            if refusals is None:
                refusals = message.attempt.refusals if message.attempt is not None else 0
            force_setattr(message, "delivery", SENDING)
            force_setattr(message, "attempt", Attempt(handed_at=wire.ts, refusals=refusals))
            force_setattr(message, "counted_at", wire.ts)
            if message.error is not None:
                force_setattr(message, "error", None)
            if message.reason is not None:
                force_setattr(message, "reason", None)
    return True


@replays(e.ChatMessageSent)
def message_sent(tables: Tables, wire: Placed, event: e.ChatMessageSent) -> bool:
    chat, message_id = tables.chats.get(event.chat_id), event.message_id
    if chat is None:
        return False
    for message in chat.messages:
        if message.id == message_id:
            force_setattr(message, "delivery", SENT)
            force_setattr(message, "attempt", None)
            force_setattr(message, "steam_ts", event.steam_ts)
            force_setattr(message, "ordinal", event.ordinal)
            if message.error is not None:
                force_setattr(message, "error", None)
            if message.reason is not None:
                force_setattr(message, "reason", None)
    return True


@replays(e.DialogScriptAdvanced)
def script_advanced(tables: Tables, wire: Placed, event: e.DialogScriptAdvanced) -> bool:
    chat = tables.chats.get(event.chat_id)
    if chat is None:
        return False
    force_setattr(chat, "script_step", event.step)
    if chat.agent != event.agent:
        force_setattr(chat, "agent", event.agent)
    if chat.agent_version != event.agent_version:
        force_setattr(chat, "agent_version", event.agent_version)
    if chat.turn_at is not event.wait_until:
        force_setattr(chat, "turn_at", event.wait_until)
    return True


@replays(e.DialogScriptCompleted)
def script_completed(tables: Tables, wire: Placed, event: e.DialogScriptCompleted) -> bool:
    chat = tables.chats.get(event.chat_id)
    if chat is None:
        return False
    if chat.agent != event.agent:
        force_setattr(chat, "agent", event.agent)
    if chat.agent_version != event.agent_version:
        force_setattr(chat, "agent_version", event.agent_version)
    if chat.turn_at is not None:
        force_setattr(chat, "turn_at", None)
    return True
