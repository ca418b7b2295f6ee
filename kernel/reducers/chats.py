"""How events about chats, their messages and the script change the state."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kernel import events as e
from kernel.codes import DoubtReason
from kernel.errors import IllegalTransition
from kernel.ids import ChatId, MessageId, SteamId64
from kernel.memory import Remembered
from kernel.reducers.register import expect_person, known_bot, known_chat, known_task, reduces
from kernel.rows import (
    CHAT_MOVES,
    MESSAGES_KEPT,
    AgentOff,
    AgentOffReason,
    Attempt,
    Bot,
    Chat,
    ChatStatus,
    Delivery,
    Forgotten,
    LineKey,
    Message,
    Player,
    Sender,
)
from kernel.state import State


@reduces(e.ChatStarted)
def chat_started(state: State, envelope: e.Envelope, event: e.ChatStarted) -> None:
    if event.chat_id in state.chats:
        raise IllegalTransition(f"chat {event.chat_id} is there already")
    bot = known_bot(state, event.bot_id)
    state.chats.put(
        Chat(
            id=event.chat_id,
            bot_id=event.bot_id,
            account=bot.steam_id64,
            player=event.player,
            task_id=event.task_id,
            agent_enabled=event.agent_enabled,
            agent_off=None if event.agent_enabled else _led_by_hand(envelope, event),
            started_at=envelope.ts,
        )
    )
    if event.task_id is not None:
        known_task(state, event.task_id)
        state.tasks.update(event.task_id, chat_id=event.chat_id)


@reduces(e.ChatClosed)
def chat_closed(state: State, envelope: e.Envelope, event: e.ChatClosed) -> None:
    status, to = known_chat(state, event.chat_id).status, ChatStatus.CLOSED
    if to not in CHAT_MOVES[status]:
        raise IllegalTransition(f"chat {event.chat_id} cannot go from {status} to {to}")
    state.chats.update(event.chat_id, status=to, closed_at=envelope.ts, agent_enabled=False, turn_at=None)


@reduces(e.ChatArchived)
def chat_archived(state: State, envelope: e.Envelope, event: e.ChatArchived) -> None:
    chats = [known_chat(state, chat_id) for chat_id in event.chat_ids]
    for chat in chats:  # all of them before any: a row that is put back would come to another place
        if chat.is_open:
            raise IllegalTransition(f"chat {chat.id} is open and cannot be archived")
        expect_person(chat.player)
    for chat in chats:
        state.chats.drop(chat.id)
        bot: Bot | None = state.bots.get(chat.bot_id)
        account = chat.account or (bot.steam_id64 if bot is not None else None)
        _remember_meeting(state, chat, account)
        if account is not None:
            state.met.put(account, chat.player, max(last_steam_ts(chat), event.heard.get(account, 0)))


def _remember_meeting(state: State, chat: Chat, account: SteamId64 | None) -> None:
    """Of the player: when, and where an operator has taken them off the list before, that this chat came after it."""
    player: Player | None = state.players.get(chat.player)
    cleared_at = player.cleared_at if player is not None else None
    came_after = cleared_at is not None and chat.started_at > cleared_at
    if player is not None and account is not None and came_after and account not in player.cleared_among:
        state.players.update(chat.player, cleared_among=(*player.cleared_among, account))
    remembered = state.remembered.get(chat.player) or Remembered()
    ended = chat.closed_at, chat.messages[-1].ts if chat.messages else None
    state.remembered.put(chat.player, remembered._replace(cleared=False).met_at(*ended))


def last_steam_ts(chat: Chat) -> int:
    """Steam's latest time of its lines, also of those that it holds no longer; 0 where it knows none."""
    forgotten = (chat.forgotten.bot, chat.forgotten.player) if chat.forgotten is not None else ()
    dated = [key.steam_ts for key in forgotten if key is not None]
    dated += [line.steam_ts for line in chat.messages if line.steam_ts is not None]
    return max(dated, default=0)


def _led_by_hand(envelope: e.Envelope, event: e.ChatStarted) -> AgentOff:
    """Why a chat begins without its agent: it has no task, or a person was talking with the player already."""
    why = AgentOffReason.NO_TASK if event.task_id is None else AgentOffReason.OPERATOR
    return AgentOff(why=why, since=envelope.ts, by=envelope.actor)


def _append(state: State, chat_id: ChatId, message: Message) -> None:
    """Hold one more message; the oldest goes of which nothing is to become any more."""
    chat = known_chat(state, chat_id)
    messages, forgotten = chat.messages, chat.forgotten
    while len(messages) >= MESSAGES_KEPT:
        place = next((place for place, m in enumerate(messages) if not m.is_owed), None)
        if place is None:
            break
        forgotten = _forget(forgotten, messages[place])
        messages = (*messages[:place], *messages[place + 1 :])
    state.chats.update(chat_id, messages=(*messages, message), forgotten=forgotten)


def _forget(forgotten: Forgotten | None, message: Message) -> Forgotten | None:
    """Keep what Steam knows the message by, so that it is no news when it comes again."""
    if message.steam_ts is None or message.ordinal is None:
        return forgotten
    before, key = forgotten or Forgotten(), LineKey(message.steam_ts, message.ordinal)
    if message.sender is Sender.BOT:
        return replace(before, bot=max(before.bot or key, key))
    return replace(before, player=max(before.player or key, key))


def _settle(state: State, chat_id: ChatId, message_id: str, **fields: Any) -> None:
    """Change these fields of a message."""
    chat = known_chat(state, chat_id)
    messages = tuple(replace(m, **fields) if m.id == message_id else m for m in chat.messages)
    state.chats.update(chat_id, messages=messages)


def _attempt(state: State, chat_id: ChatId, message_id: MessageId) -> Attempt:
    """How far the delivery of the message has got before this."""
    message = known_chat(state, chat_id).message(message_id)
    return message.attempt or Attempt() if message is not None else Attempt()


@reduces(e.ChatMessageReceived)
def message_received(state: State, envelope: e.Envelope, event: e.ChatMessageReceived) -> None:
    _append(state, event.chat_id, event.message)
    state.chats.update(event.chat_id, turn_at=None, snooze=None)


@reduces(e.ChatMessageEchoed)
def message_echoed(state: State, envelope: e.Envelope, event: e.ChatMessageEchoed) -> None:
    _append(state, event.chat_id, event.message)


@reduces(e.ChatMessageQueued)
def message_queued(state: State, envelope: e.Envelope, event: e.ChatMessageQueued) -> None:
    _append(state, event.chat_id, event.message)
    if event.retry_of is not None:
        _settle(state, event.chat_id, event.retry_of, retried_as=event.message.id)
    snooze = known_chat(state, event.chat_id).snooze
    if snooze is not None and snooze.due_at is not None:  # what it was put off for is being done
        state.chats.update(event.chat_id, snooze=None)


@reduces(e.ChatMessageSending)
def message_sending(state: State, envelope: e.Envelope, event: e.ChatMessageSending) -> None:
    attempt = replace(_attempt(state, event.chat_id, event.message_id), handed_at=envelope.ts, retry_at=None)
    _settle(
        state,
        event.chat_id,
        event.message_id,
        delivery=Delivery.SENDING,
        error=None,
        reason=None,
        attempt=attempt,
        counted_at=envelope.ts,
    )


@reduces(e.ChatMessageUnanswered)
def message_unanswered(state: State, envelope: e.Envelope, event: e.ChatMessageUnanswered) -> None:
    _settle(
        state,
        event.chat_id,
        event.message_id,
        delivery=Delivery.SENDING,
        error=event.detail,
        reason=DoubtReason.UNANSWERED,
    )


@reduces(e.ChatMessageWaiting)
def message_waiting(state: State, envelope: e.Envelope, event: e.ChatMessageWaiting) -> None:
    _settle(
        state,
        event.chat_id,
        event.message_id,
        delivery=Delivery.QUEUED,
        error=event.detail,
        reason=event.reason,
        attempt=Attempt(refusals=event.refusals, retry_at=event.until),
    )


@reduces(e.ChatMessageInDoubt)
def message_in_doubt(state: State, envelope: e.Envelope, event: e.ChatMessageInDoubt) -> None:
    _settle(
        state,
        event.chat_id,
        event.message_id,
        delivery=Delivery.IN_DOUBT,
        error=event.detail,
        reason=DoubtReason.IN_DOUBT,
    )


@reduces(e.ChatMessageSent)
def message_sent(state: State, envelope: e.Envelope, event: e.ChatMessageSent) -> None:
    _settle(
        state,
        event.chat_id,
        event.message_id,
        delivery=Delivery.SENT,
        error=None,
        reason=None,
        attempt=None,
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
    why = event.why or AgentOffReason.OTHER
    off = AgentOff(why=why, since=envelope.ts, by=envelope.actor, detail=event.detail)
    state.chats.update(
        event.chat_id,
        agent_enabled=event.enabled,
        agent_off=None if event.enabled else off,
        epoch=event.epoch,
        owner=None if event.enabled else envelope.actor,
        turn_at=None,
        snooze=None if event.enabled else chat.snooze,
    )


@reduces(e.DialogScriptAdvanced)
def script_advanced(state: State, envelope: e.Envelope, event: e.DialogScriptAdvanced) -> None:
    known_chat(state, event.chat_id)
    led_by = {"agent": event.agent, "agent_version": event.agent_version}
    state.chats.update(event.chat_id, script_step=event.step, turn_at=event.wait_until, **led_by)


@reduces(e.DialogScriptCompleted)
def script_completed(state: State, envelope: e.Envelope, event: e.DialogScriptCompleted) -> None:
    known_chat(state, event.chat_id)
    state.chats.update(event.chat_id, agent=event.agent, agent_version=event.agent_version, turn_at=None)
