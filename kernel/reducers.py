"""How each event changes the state: plain functions, the only writers of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from kernel import events as e
from kernel.clock import HOUR
from kernel.errors import IllegalTransition
from kernel.ids import BotId, ChatId, TaskId
from kernel.rows import (
    BOT_MOVES,
    MESSAGES_KEPT,
    TASK_MOVES,
    Account,
    Bot,
    BotStatus,
    Chat,
    ChatStatus,
    Delivery,
    DoneCommand,
    DoNotContact,
    Invite,
    InviteRefusal,
    InviteStatus,
    Message,
    Player,
    PluginRow,
    PluginStatus,
    Task,
    TaskStatus,
)
from kernel.state import State

COMMANDS_KEPT: Final = 10_000
"""How many command ids are remembered: the same id is not carried out twice as long as it is among them."""

E = TypeVar("E", bound=e.Event)
Reducer = Callable[[State, e.Envelope, Any], None]
REDUCERS: Final[dict[type[e.Event], Reducer]] = {}


def reduces(event: type[E]) -> Callable[[Callable[[State, e.Envelope, E], None]], Reducer]:
    """Name the one function that folds this event into the state."""

    def register(reducer: Callable[[State, e.Envelope, E], None]) -> Reducer:
        if event in REDUCERS:
            raise TypeError(f"{event.kind} has two reducers")
        REDUCERS[event] = reducer
        return reducer

    return register


def known_bot(state: State, bot_id: BotId) -> Bot:
    bot: Bot | None = state.bots.get(bot_id)
    if bot is None:
        raise IllegalTransition(f"there is no bot {bot_id}")
    return bot


def known_task(state: State, task_id: TaskId) -> Task:
    task: Task | None = state.tasks.get(task_id)
    if task is None:
        raise IllegalTransition(f"there is no task {task_id}")
    return task


def known_chat(state: State, chat_id: ChatId) -> Chat:
    chat: Chat | None = state.chats.get(chat_id)
    if chat is None:
        raise IllegalTransition(f"there is no chat {chat_id}")
    return chat


# ── bots


@reduces(e.BotAdded)
def bot_added(state: State, envelope: e.Envelope, event: e.BotAdded) -> None:
    if event.bot_id in state.bots or event.steam_id64 in state.index.bot_of_account:
        raise IllegalTransition(f"bot {event.bot_id} or its account is there already")
    state.bots.put(
        Bot(
            id=event.bot_id,
            steam_id64=event.steam_id64,
            proxy_url=event.proxy_url,
            label=event.label,
            status_since=envelope.ts,
            added_at=envelope.ts,
        )
    )


@reduces(e.BotRemoved)
def bot_removed(state: State, envelope: e.Envelope, event: e.BotRemoved) -> None:
    known_bot(state, event.bot_id)
    if state.index.is_busy(event.bot_id):
        raise IllegalTransition(f"bot {event.bot_id} still has an open task or chat")
    state.bots.drop(event.bot_id)


def _move_bot(state: State, envelope: e.Envelope, bot_id: BotId, to: BotStatus, **fields: object) -> None:
    bot = known_bot(state, bot_id)
    if to not in BOT_MOVES[bot.status]:
        raise IllegalTransition(f"bot {bot_id} cannot go from {bot.status} to {to}")
    since = bot.status_since if to is bot.status else envelope.ts
    explained: dict[str, object] = {"reason": None, "detail": None, "next_step": None, "retry_at": None}
    state.bots.update(bot_id, status=to, status_since=since, **(explained | fields))


@reduces(e.BotConnecting)
def bot_connecting(state: State, envelope: e.Envelope, event: e.BotConnecting) -> None:
    _move_bot(state, envelope, event.bot_id, BotStatus.CONNECTING)


@reduces(e.BotConnected)
def bot_connected(state: State, envelope: e.Envelope, event: e.BotConnected) -> None:
    _move_bot(state, envelope, event.bot_id, BotStatus.CONNECTED, last_seen=envelope.ts)


@reduces(e.BotDisconnected)
def bot_disconnected(state: State, envelope: e.Envelope, event: e.BotDisconnected) -> None:
    bot = known_bot(state, event.bot_id)
    last_seen = envelope.ts if bot.status is BotStatus.CONNECTED else bot.last_seen
    _move_bot(
        state,
        envelope,
        event.bot_id,
        BotStatus.DISCONNECTED,
        reason=event.reason,
        detail=event.detail,
        retry_at=event.retry_at,
        last_seen=last_seen,
    )


@reduces(e.BotAuthFailed)
def bot_auth_failed(state: State, envelope: e.Envelope, event: e.BotAuthFailed) -> None:
    _move_bot(
        state,
        envelope,
        event.bot_id,
        BotStatus.AUTH_FAILED,
        reason=event.reason,
        detail=event.detail,
        next_step=event.next_step,
    )


@reduces(e.BotInvitesBlocked)
def bot_invites_blocked(state: State, envelope: e.Envelope, event: e.BotInvitesBlocked) -> None:
    known_bot(state, event.bot_id)
    state.bots.update(event.bot_id, invites_blocked_until=event.until)


# ── tasks


@reduces(e.TaskCreated)
def task_created(state: State, envelope: e.Envelope, event: e.TaskCreated) -> None:
    if event.task_id in state.tasks:
        raise IllegalTransition(f"task {event.task_id} is there already")
    state.tasks.put(
        Task(
            id=event.task_id,
            player=event.player,
            item=event.item,
            price_min=event.price_min,
            price_max=event.price_max,
            currency=event.currency,
            language=event.language,
            status_since=envelope.ts,
            created_at=envelope.ts,
            created_by=envelope.actor,
        )
    )


def _move_task(state: State, envelope: e.Envelope, task_id: TaskId, to: TaskStatus, **fields: object) -> None:
    task = known_task(state, task_id)
    if to not in TASK_MOVES[task.status]:
        raise IllegalTransition(f"task {task_id} cannot go from {task.status} to {to}")
    explained: dict[str, object] = {"reason": None, "detail": None, "waiting_until": None}
    state.tasks.update(task_id, status=to, status_since=envelope.ts, **(explained | fields))


@reduces(e.TaskAssigned)
def task_assigned(state: State, envelope: e.Envelope, event: e.TaskAssigned) -> None:
    known_bot(state, event.bot_id)
    _move_task(state, envelope, event.task_id, TaskStatus.ASSIGNED, assigned_bot_id=event.bot_id)
    state.bots.update(event.bot_id, assigned_seq=envelope.seq)


@reduces(e.TaskStatusChanged)
def task_status_changed(state: State, envelope: e.Envelope, event: e.TaskStatusChanged) -> None:
    fields: dict[str, object] = {"reason": event.reason, "detail": event.detail}
    if event.agreed_price is not None:
        fields["agreed_price"] = event.agreed_price
    if event.status is TaskStatus.CREATED:
        fields["assigned_bot_id"] = None
    _move_task(state, envelope, event.task_id, event.status, **fields)


@reduces(e.TaskWaiting)
def task_waiting(state: State, envelope: e.Envelope, event: e.TaskWaiting) -> None:
    known_task(state, event.task_id)
    state.tasks.update(event.task_id, reason=event.reason, detail=event.detail, waiting_until=event.until)


# ── invites


@reduces(e.FriendInviteQueued)
def invite_queued(state: State, envelope: e.Envelope, event: e.FriendInviteQueued) -> None:
    known_task(state, event.task_id)
    _uncount_request(state, event.task_id)
    state.invites.put(Invite(task_id=event.task_id, bot_id=event.bot_id, player=event.player, queued_at=envelope.ts))


def _uncount_request(state: State, task_id: TaskId) -> None:
    """Back in the queue, the invite surely never left: it does not count towards the fleet's hour."""
    invite: Invite | None = state.invites.get(task_id)
    requested = list(state.contact.invites)
    if invite is not None and invite.status is InviteStatus.REQUESTED and invite.requested_at in requested:
        requested.remove(invite.requested_at)
        state.contacts.update("contact", invites=tuple(requested))


@reduces(e.FriendInviteRequested)
def invite_requested(state: State, envelope: e.Envelope, event: e.FriendInviteRequested) -> None:
    invite: Invite | None = state.invites.get(event.task_id)
    if invite is None or invite.status is not InviteStatus.QUEUED:
        raise IllegalTransition(f"the invite of {event.task_id} is not in the queue")
    state.invites.update(event.task_id, status=InviteStatus.REQUESTED, requested_at=envelope.ts)
    recent = tuple(ts for ts in state.contact.invites if ts > envelope.ts - HOUR)
    state.contacts.update("contact", invites=(*recent, envelope.ts))


@reduces(e.FriendInviteSent)
def invite_sent(state: State, envelope: e.Envelope, event: e.FriendInviteSent) -> None:
    if event.task_id not in state.invites:
        raise IllegalTransition(f"there is no invite of {event.task_id}")
    state.invites.update(event.task_id, status=InviteStatus.SENT, sent_at=envelope.ts)
    _count_invite(state, envelope, event.bot_id)


@reduces(e.FriendInviteAccepted)
def invite_accepted(state: State, envelope: e.Envelope, event: e.FriendInviteAccepted) -> None:
    known_task(state, event.task_id)
    _end_invite(state, envelope, event.task_id, event.bot_id)


@reduces(e.FriendInviteFailed)
def invite_failed(state: State, envelope: e.Envelope, event: e.FriendInviteFailed) -> None:
    _end_invite(state, envelope, event.task_id, event.bot_id)
    if event.reason in set(InviteRefusal):
        player = state.players.get(event.player) or Player(steam_id64=event.player)
        state.players.put(player)
        state.players.update(event.player, invite_refusal=InviteRefusal(event.reason), invite_refused_at=envelope.ts)


def _end_invite(state: State, envelope: e.Envelope, task_id: TaskId, bot_id: BotId) -> None:
    invite: Invite | None = state.invites.get(task_id)
    if invite is not None and invite.status is InviteStatus.REQUESTED:
        # Steam may have seen it as late as now, whatever it answered: the bot's minute starts here.
        _count_invite(state, envelope, bot_id)
    state.invites.drop(task_id)


def _count_invite(state: State, envelope: e.Envelope, bot_id: BotId) -> None:
    """Start the bot's minute anew. It is kept by account, so that removing the bot does not shorten it."""
    account = known_bot(state, bot_id).steam_id64
    state.accounts.put(Account(steam_id64=account, last_invite_at=envelope.ts))


# ── chats


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


@reduces(e.ChatMessageQueued)
def message_queued(state: State, envelope: e.Envelope, event: e.ChatMessageQueued) -> None:
    _append(state, event.chat_id, event.message)


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
    _settle(state, event.chat_id, event.message_id, delivery=Delivery.FAILED, error=event.detail)


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


# ── care for players


@reduces(e.DoNotContactAdded)
def do_not_contact_added(state: State, envelope: e.Envelope, event: e.DoNotContactAdded) -> None:
    player = state.players.get(event.player) or Player(steam_id64=event.player)
    state.players.put(player)
    state.players.update(
        event.player,
        do_not_contact=DoNotContact(since=envelope.ts, reason=event.reason, by=envelope.actor),
    )


@reduces(e.DoNotContactRemoved)
def do_not_contact_removed(state: State, envelope: e.Envelope, event: e.DoNotContactRemoved) -> None:
    if event.player in state.players:
        state.players.update(event.player, do_not_contact=None, cleared_at=envelope.ts)


@reduces(e.ContactPaused)
def contact_paused(state: State, envelope: e.Envelope, event: e.ContactPaused) -> None:
    state.contacts.update("contact", paused=True, paused_by=envelope.actor, paused_at=envelope.ts)


@reduces(e.ContactResumed)
def contact_resumed(state: State, envelope: e.Envelope, event: e.ContactResumed) -> None:
    state.contacts.update("contact", paused=False, paused_by=None, paused_at=None)


@reduces(e.StopWordAdded)
def stop_word_added(state: State, envelope: e.Envelope, event: e.StopWordAdded) -> None:
    if event.word not in state.contact.stop_words:
        state.contacts.update("contact", stop_words=(*state.contact.stop_words, event.word))


@reduces(e.StopWordRemoved)
def stop_word_removed(state: State, envelope: e.Envelope, event: e.StopWordRemoved) -> None:
    words = tuple(word for word in state.contact.stop_words if word != event.word)
    state.contacts.update("contact", stop_words=words)


# ── the system itself


@reduces(e.CommandCompleted)
def command_completed(state: State, envelope: e.Envelope, event: e.CommandCompleted) -> None:
    state.commands.put(DoneCommand(id=event.id, command=event.command, created=event.created, ts=envelope.ts))
    if len(state.commands) > COMMANDS_KEPT:
        state.commands.drop(next(iter(state.commands)))


def _plugin(state: State, envelope: e.Envelope, name: str, status: PluginStatus, detail: str | None) -> None:
    state.plugins.put(PluginRow(name=name, status=status, since=envelope.ts, detail=detail))


@reduces(e.PluginStarted)
def plugin_started(state: State, envelope: e.Envelope, event: e.PluginStarted) -> None:
    _plugin(state, envelope, event.name, PluginStatus.RUNNING, None)


@reduces(e.PluginStopped)
def plugin_stopped(state: State, envelope: e.Envelope, event: e.PluginStopped) -> None:
    _plugin(state, envelope, event.name, PluginStatus.STOPPED, None)


@reduces(e.PluginQuarantined)
def plugin_quarantined(state: State, envelope: e.Envelope, event: e.PluginQuarantined) -> None:
    _plugin(state, envelope, event.name, PluginStatus.QUARANTINED, event.detail)


CHANGES_NOTHING: Final = frozenset(
    {
        e.FriendRelationshipChanged,  # the transport's reports: whoever makes sense of them says so in an event
        e.FriendMessageArrived,
        e.SystemStarted,
        e.SystemStopped,
        e.ErrorLogged,
    }
)
"""Events that are facts of the log and leave the state as it is."""


def reduce(state: State, envelope: e.Envelope) -> None:
    """Fold one event into the state, whole or not at all. Raises IllegalTransition and changes nothing."""
    reducer = REDUCERS.get(type(envelope.payload))
    state.begin()
    try:
        if reducer is not None:
            reducer(state, envelope, envelope.payload)
    except BaseException:
        state.roll_back()
        raise
    state.commit()
    state.seq, state.ts = envelope.seq, envelope.ts
