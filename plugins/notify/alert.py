"""What people are to be told: one alert, and which events call for one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from kernel.clock import Millis
from kernel.events import (
    BotAuthFailed,
    ContactPaused,
    Envelope,
    PluginQuarantined,
    TaskStatusChanged,
    UnknownEvent,
)
from kernel.rows import Chat, Sender, TaskStatus
from kernel.state import State
from plugins.notify.codes import NotifyReason, Severity

SEVERITIES: Final[Mapping[NotifyReason, Severity]] = {
    NotifyReason.NEEDS_PERSON: Severity.WARNING,
    NotifyReason.DEAL_AGREED: Severity.INFO,
    NotifyReason.BOT_STOPPED: Severity.WARNING,
    NotifyReason.CONTACT_PAUSED: Severity.WARNING,
    NotifyReason.JOURNAL_FAILING: Severity.CRITICAL,
    NotifyReason.PLUGIN_QUARANTINED: Severity.CRITICAL,
    NotifyReason.WEBHOOK_DISABLED: Severity.WARNING,
}
WEBHOOK_DISABLED: Final = "webhooks.endpointDisabled"
"""Of the plugin `webhooks`, if it is there."""
KINDS: Final = frozenset(
    {TaskStatusChanged.kind, BotAuthFailed.kind, ContactPaused.kind, PluginQuarantined.kind, WEBHOOK_DISABLED}
)
LEFT_BY_HAND: Final = frozenset({"operator", "noTask"})
"""Why no agent leads a chat, where that alone calls nobody."""


class Alert(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to tell. It holds ids and words of ours; `words` are a player's, and only where they were asked for."""

    reason: NotifyReason
    at: Millis
    seq: int = 0
    """The event that it tells of: whoever gets it twice sees it by that."""
    chat_id: str | None = None
    task_id: str | None = None
    bot_id: str | None = None
    name: str | None = None
    """Of the plugin, the endpoint or the bot."""
    item: str | None = None
    price: str | None = None
    minutes: int | None = None
    words: str | None = None

    @property
    def severity(self) -> Severity:
        return SEVERITIES[self.reason]


def alert_of(envelope: Envelope, state: State) -> Alert | None:
    """The alert that an event calls for, if any."""
    event, at, seq = envelope.payload, envelope.ts, envelope.seq
    match event:
        case TaskStatusChanged(status=TaskStatus.RESOLVED, agreed_price=Decimal() as price):
            task = state.tasks.get(event.task_id)
            chats = (chat for chat in state.chats.values() if chat.task_id == event.task_id)
            return Alert(
                reason=NotifyReason.DEAL_AGREED,
                at=at,
                seq=seq,
                task_id=event.task_id,
                chat_id=next((chat.id for chat in chats), None),
                item=task.item if task is not None else None,
                price=f"{price} {task.currency}" if task is not None else str(price),
            )
        case BotAuthFailed():
            bot = state.bots.get(event.bot_id)
            name = bot.label if bot is not None else None
            return Alert(reason=NotifyReason.BOT_STOPPED, at=at, seq=seq, bot_id=event.bot_id, name=name)
        case ContactPaused():
            return Alert(reason=NotifyReason.CONTACT_PAUSED, at=at, seq=seq)
        case PluginQuarantined():
            return Alert(reason=NotifyReason.PLUGIN_QUARANTINED, at=at, seq=seq, name=event.name)
    if envelope.kind == WEBHOOK_DISABLED:
        name = event.fields.get("endpoint") if isinstance(event, UnknownEvent) else getattr(event, "endpoint", None)
        return Alert(reason=NotifyReason.WEBHOOK_DISABLED, at=at, seq=seq, name=name if isinstance(name, str) else None)
    return None


def waits_since(chat: Chat) -> Millis | None:
    """Since when the chat needs a person: nobody but a person will answer the player; None where it needs none."""
    if not chat.is_open or chat.agent_enabled:
        return None
    since: Millis | None = None
    for message in reversed(chat.messages):
        if message.sender is not Sender.PLAYER:
            break
        since = message.ts
    if since is None and chat.agent_off is not None and chat.agent_off.why not in LEFT_BY_HAND and not chat.owner:
        since = chat.agent_off.since
    return since


def waiting(state: State, now: Millis, span: int, *, words: bool) -> list[tuple[Alert, Millis]]:
    """The chats that have needed a person for longer than `span` milliseconds, with since when."""
    found = []
    for chat in state.chats.values():
        since = None if chat.agent_enabled else waits_since(chat)
        if since is None or now - since < span:
            continue
        task = state.tasks.get(chat.task_id) if chat.task_id is not None else None
        last = chat.messages[-1] if words and chat.messages and chat.messages[-1].sender is Sender.PLAYER else None
        alert = Alert(
            reason=NotifyReason.NEEDS_PERSON,
            at=now,
            chat_id=chat.id,
            item=task.item if task is not None else None,
            minutes=(now - since) // 60_000,
            words=last.text[:200] if last is not None else None,
        )
        found.append((alert, since))
    return found
